/** What the text of a SearchParameter's expression tells about one resource type. https://hl7.org/fhir/R4/searchparameter.html */
import { structure } from '../fhir/definitions/index.ts';

const GENERAL = ['Resource', 'DomainResource'];

/** The alternatives of `a | b` that concern the type, with outer parentheses taken away. */
export function expressionParts(expression: string, resourceType: string): string[] {
  const starts = [resourceType, ...GENERAL];
  return splitUnion(expression)
    .map(withoutParentheses)
    .filter((part) =>
      starts.some((s) => part === s || part.startsWith(`${s}.`) || part.startsWith(`(${s}.`)),
    );
}

function splitUnion(expression: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < expression.length; i++) {
    const c = expression[i];
    if (c === '(') depth += 1;
    else if (c === ')') depth -= 1;
    else if (c === '|' && depth === 0) {
      parts.push(expression.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(expression.slice(start));
  return parts.map((p) => p.trim());
}

/** `(Observation.value as Quantity)` stays comparable with itself; only one pair around the whole is taken away. */
function withoutParentheses(part: string): string {
  if (!part.startsWith('(') || !part.endsWith(')')) return part;
  let depth = 0;
  for (let i = 0; i < part.length - 1; i++) {
    if (part[i] === '(') depth += 1;
    else if (part[i] === ')') depth -= 1;
    if (depth === 0) return part;
  }
  return part.slice(1, -1).trim();
}

const RESOLVES = /^(.*)\.where\(resolve\(\) is ([A-Z][A-Za-z]+)\)$/;

/** `Observation.subject.where(resolve() is Patient)` → its path and its target. */
export function resolvedTarget(part: string): { path: string; target: string } | undefined {
  const found = RESOLVES.exec(part);
  return found ? { path: found[1]!, target: found[2]! } : undefined;
}

/** Cardinality of a plain path such as `Observation.code`: undefined for anything more than elements and dots. */
export function pathCardinality(
  path: string,
  resourceType: string,
): { required: boolean; single: boolean } | undefined {
  if (!/^[A-Z][A-Za-z]+(\.[a-z][A-Za-z]*)+$/.test(path)) return undefined;
  const elements = structure(resourceType)?.elements;
  if (!elements) return undefined;
  const steps = path.split('.').slice(1);
  let required = true;
  let single = true;
  let at = resourceType;
  for (const step of steps) {
    at += `.${step}`;
    const element = elements.find((e) => e.path === at || e.path === `${at}[x]`);
    if (!element) return undefined;
    required &&= element.min > 0;
    single &&= element.max === '1';
  }
  return { required, single };
}
