/** The `_filter` language. https://hl7.org/fhir/R4/search_filter.html */
import { FhirError, issue, notSupported } from '../fhir/outcome.ts';
import { and, type Expression, not, or } from './expression.ts';
import { filterTerm } from './filter-term.ts';
import type { FilterContext, ParseFilter } from './filter-context.ts';
import { badValue } from './search-value.ts';

interface Token {
  readonly kind: 'word' | 'string' | '(' | ')';
  readonly text: string;
  /** Position in the filter, from 1, for messages. */
  readonly at: number;
}

const fault = (at: number, problem: string): FhirError =>
  badValue('_filter', `${problem} at character ${at}`);

/** Throws FhirError 400 with the place of the fault. */
export function parseFilterExpression(
  resourceType: string,
  text: string,
  context: FilterContext,
  parse: ParseFilter,
): Expression {
  const { filterDepthMax, filterTermsMax } = context.limits;
  const tokens = tokenize(text);
  let next = 0;
  let terms = 0;
  const expression = parseAlternatives(0);
  const left = tokens[next];
  if (left) throw fault(left.at, 'unexpected text');
  return expression;

  function take(what: string, kinds: readonly Token['kind'][]): Token {
    const token = tokens[next];
    if (!token) throw fault(text.length + 1, `${what} is missing`);
    if (!kinds.includes(token.kind)) throw fault(token.at, `${what} is expected`);
    next += 1;
    return token;
  }

  /** The specification gives `and` and `or` no precedence: they are taken from left to right. */
  function parseAlternatives(depth: number): Expression {
    if (depth > filterDepthMax) throw tooCostly(`more than ${filterDepthMax} nested parentheses`);
    let found = parseOne(depth);
    for (;;) {
      const operator = tokens[next];
      if (operator?.kind !== 'word') return found;
      next += 1;
      if (operator.text === 'and') found = and(found, parseOne(depth));
      else if (operator.text === 'or') found = or(found, parseOne(depth));
      else throw fault(operator.at, 'and or or is expected');
    }
  }

  function parseOne(depth: number): Expression {
    const first = take('a parameter, not or (', ['word', '(']);
    if (first.kind === '(') return closed(parseAlternatives(depth + 1));
    if (first.text === 'not' && tokens[next]?.kind === '(') {
      next += 1;
      return not(closed(parseAlternatives(depth + 1)));
    }
    if (first.text.includes('['))
      throw notSupported('Parameter _filter: filters in brackets are not supported.', '_filter');
    terms += 1;
    if (terms > filterTermsMax) throw tooCostly(`more than ${filterTermsMax} comparisons`);
    const operator = take('an operator', ['word']);
    const value = take('a value', ['word', 'string']);
    const found = filterTerm(resourceType, first.text, operator.text, value.text, context, parse);
    if (found === 'no operator') throw fault(operator.at, 'an operator such as eq, co or ge is expected');
    if (found === 'no parameter') throw fault(first.at, `${resourceType} has no such search parameter`);
    return found;
  }

  function closed(inner: Expression): Expression {
    take(')', [')']);
    return inner;
  }
}

const tooCostly = (problem: string): FhirError =>
  new FhirError(400, [issue('too-costly', `Parameter _filter: ${problem}.`, '_filter')]);

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let i = 0;
  while (i < text.length) {
    const c = text[i]!;
    const at = i + 1;
    if (isSpace(c)) i += 1;
    else if (c === '(' || c === ')') {
      tokens.push({ kind: c, text: c, at });
      i += 1;
    } else if (c === '"') {
      const end = endOfString(text, i);
      tokens.push({ kind: 'string', text: jsonString(text.slice(i, end), at), at });
      i = end;
    } else {
      const start = i;
      while (i < text.length && !isSpace(text[i]!) && text[i] !== '(' && text[i] !== ')') i += 1;
      tokens.push({ kind: 'word', text: text.slice(start, i), at });
    }
  }
  return tokens;
}

const isSpace = (c: string): boolean => c === ' ' || c === '\t' || c === '\n' || c === '\r';

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') return i + 1;
  }
  throw fault(start + 1, 'a text without its closing quotation mark');
}

function jsonString(text: string, at: number): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    throw fault(at, 'a text with a malformed escape');
  }
}
