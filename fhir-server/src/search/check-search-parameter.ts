/** Refuses SearchParameters that this server could not search by. https://hl7.org/fhir/R4/searchparameter.html */
import type { OperationOutcomeIssue, SearchParameter } from '@medplum/fhirtypes';
import { isResourceType, resourceTypes } from '../fhir/definitions/index.ts';
import { issue } from '../fhir/outcome.ts';
import { compileFhirPath } from './fhirpath-compile.ts';
import { fallbackSelector } from './fhirpath-fallback.ts';
import { isSimpleType, isSupportedType } from './parameter/index.ts';
import type { SearchParameterRegistry } from './search-parameter-registry.ts';

export interface SearchParameterLimits {
  /** The standard's parameters and no others. */
  readonly standard: SearchParameterRegistry;
}

/** Columns are named after the code, and PostgreSQL cuts names at 63 bytes. */
const CODE = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/;
const EXPRESSION_MAX = 4_000;
const GENERAL_BASES = new Set(['Resource', 'DomainResource']);
/**
 * FHIRPath that reads elsewhere, prints, changes with the time, or may run for as long as its argument says. An index
 * holds what the resource itself says.
 */
const REFUSED =
  /\b(resolve|memberOf|subsumes|subsumedBy|conformsTo|validateVS|validateCS|matches|matchesFull|replaceMatches|trace|now|today|timeOfDay)\s*\(/;

/** The faults of an active SearchParameter, each with its place; none for a good one. */
export function checkSearchParameter(
  parameter: SearchParameter,
  { standard }: SearchParameterLimits,
): OperationOutcomeIssue[] {
  const { code, url, type, base } = parameter;
  const issues: OperationOutcomeIssue[] = [];
  const refuse = (text: string, place: string): unknown =>
    issues.push(issue('business-rule', text, `SearchParameter.${place}`));
  if (!CODE.test(code))
    refuse('the code must be a letter and then at most 39 letters, digits, hyphens or underscores', 'code');
  if (standard.byUrl(url)) refuse('a parameter of the standard cannot be redefined', 'url');
  if (type === 'special' || !isSupportedType(type))
    refuse(`parameters of type ${type} are the standard's own`, 'type');
  for (const [i, name] of base.entries()) {
    const place = `base[${i}]`;
    if (!GENERAL_BASES.has(name) && !isResourceType(name)) {
      refuse(`${name} is not a resource type`, place);
      continue;
    }
    const types = GENERAL_BASES.has(name) ? resourceTypes() : [name];
    const taken = types.find((t) => standard.get(t, code) !== undefined);
    if (taken !== undefined) refuse(`${taken} has a parameter ${code} of the standard`, 'code');
    const fault = expressionFault(parameter.expression, types[0]!, GENERAL_BASES.has(name));
    if (fault !== undefined) refuse(fault, 'expression');
  }
  issues.push(...componentIssues(parameter, standard));
  return issues;
}

function expressionFault(
  expression: string | undefined,
  resourceType: string,
  isGeneral: boolean,
): string | undefined {
  if (expression === undefined) return 'an expression is needed';
  if (expression.length > EXPRESSION_MAX) return `the expression has more than ${EXPRESSION_MAX} characters`;
  const roots = expression.split('|').map((part) => /^[\s(]*([A-Z][A-Za-z]*)/.exec(part)?.[1]);
  const concerns = (root: string | undefined): boolean =>
    root === undefined || GENERAL_BASES.has(root) || root === resourceType;
  if (!isGeneral && !roots.some(concerns)) return `no part of the expression starts at ${resourceType}`;
  return partFault(expression, resourceType);
}

function partFault(expression: string, resourceType: string): string | undefined {
  try {
    const compiled = compileFhirPath(expression, resourceType);
    const refused = compiled === undefined ? REFUSED.exec(expression)?.[1] : undefined;
    if (refused !== undefined) return `${refused}() cannot be indexed in this place`;
    (compiled ?? fallbackSelector(expression))([{ resourceType }]);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0]!.slice(0, 200) : 'it is malformed';
    return `the expression cannot be evaluated as FHIRPath: ${reason}`;
  }
}

/** Components are parameters of the standard: others come and go. */
function componentIssues(
  { type, component = [], base }: SearchParameter,
  standard: SearchParameterRegistry,
): OperationOutcomeIssue[] {
  const place = 'SearchParameter.component';
  if (type !== 'composite')
    return component.length === 0
      ? []
      : [issue('business-rule', 'only composite parameters have components', place)];
  if (component.length === 0)
    return [issue('business-rule', 'a composite parameter needs components', place)];
  return component.flatMap(({ definition, expression }, i) => {
    const known = standard.byUrl(definition);
    if (known === undefined || !isSimpleType(known.type) || known.type === 'special')
      return [issue('business-rule', 'not a simple parameter of the standard', `${place}[${i}].definition`)];
    const fault = partFault(expression.replace(/^%resource\./, ''), base[0] ?? 'Patient');
    return fault === undefined ? [] : [issue('business-rule', fault, `${place}[${i}].expression`)];
  });
}
