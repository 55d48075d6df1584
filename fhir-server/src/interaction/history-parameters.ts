/** The parameters of every history interaction. https://hl7.org/fhir/R4/http.html#history */
import { badRequest, FhirError, issue, notSupported } from '../fhir/outcome.ts';
import { parseDateRange } from '../search/date-range.ts';
import type { HistoryPeriod } from '../storage/index.ts';
import { CURSOR_PARAMETER } from './page-cursor.ts';
import type { Server } from './server.ts';

export type Parameters = readonly (readonly [string, string])[];

export interface HistoryParameters {
  /** Entries of a page, at most the configured maximum; 0 asks for the total alone. */
  readonly count: number;
  readonly period: HistoryPeriod;
  /** What shapes the result, as a query string without the cursor. */
  readonly query: string;
  readonly cursor: string | undefined;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const UNDERSTOOD = ['_count', '_since', '_at'];
/** Of the standard's, those that would change the answer: to ignore them would give what was not asked for. */
const UNSUPPORTED = ['_list', '_sort'];
const ELSEWHERE = ['_format', '_pretty', CURSOR_PARAMETER];

/** Throws 400 with the name of a parameter that is malformed, repeated or, if strict, unknown. */
export function parseHistoryParameters(
  server: Server,
  parameters: Parameters,
  handling: 'strict' | 'lenient',
): HistoryParameters {
  const single = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (UNSUPPORTED.includes(name)) throw notSupported(`${name} is not supported on a history`, name);
    if (ELSEWHERE.includes(name)) continue;
    if (UNDERSTOOD.includes(name)) {
      if (single.has(name)) throw badRequest(`${name} can be given once only`, name);
      single.set(name, value);
    } else if (handling === 'strict') throw unknown(name);
  }
  return {
    count: parseCount(server, single.get('_count')),
    period: { since: parseSince(single.get('_since')), at: parseAt(single.get('_at')) },
    query: new URLSearchParams([...single]).toString(),
    cursor: parameters.find(([name]) => name === CURSOR_PARAMETER)?.[1],
  };
}

const unknown = (name: string): FhirError =>
  new FhirError(400, [issue('not-supported', 'A history has no such parameter', name.slice(0, 64))]);

function parseCount({ config }: Server, text: string | undefined): number {
  if (text === undefined) return config.pageSize;
  if (!/^\d{1,9}$/.test(text)) throw badRequest('_count must be a whole number', '_count');
  return Math.min(Number(text), config.pageSizeMax);
}

/** A `+` of a zone that the client forgot to encode arrives as a space. */
const rangeOf = (text: string) => parseDateRange(text.replace(' ', '+'));

function parseSince(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const range = INSTANT.test(text.replace(' ', '+')) ? rangeOf(text) : undefined;
  if (range === undefined)
    throw badRequest('_since must be an instant such as 2024-05-01T10:00:00Z', '_since');
  return range.low;
}

function parseAt(text: string | undefined): HistoryPeriod['at'] {
  if (text === undefined) return undefined;
  const range = rangeOf(text);
  if (range === undefined)
    throw badRequest('_at must be a date or time such as 2024-05 or 2024-05-01T10:00:00Z', '_at');
  return range;
}
