/** Values of elements, as the search in memory compares them. */

/** All values at a dotted path; lists are flattened. */
export function valuesAt(resource: unknown, path: string): unknown[] {
  let values: unknown[] = [resource];
  for (const name of path.split('.')) {
    values = values.flatMap((value) => {
      const found = (value as Record<string, unknown> | null)?.[name];
      return found === undefined ? [] : Array.isArray(found) ? (found as unknown[]) : [found];
    });
  }
  return values;
}

/** System and code of codes, Codings, CodeableConcepts, Identifiers and booleans. */
export function tokensOf(value: unknown): { readonly system?: string; readonly code: string }[] {
  if (typeof value === 'string' || typeof value === 'boolean') return [{ code: String(value) }];
  const { coding, system, code, value: identified } = value as Record<string, unknown>;
  if (Array.isArray(coding)) return coding.flatMap(tokensOf);
  const text = code ?? identified;
  if (typeof text !== 'string') return [];
  return [{ code: text, ...(typeof system === 'string' ? { system } : {}) }];
}

/** Milliseconds, the end excluded. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The time that a date, dateTime, instant or Period covers; undefined for what is none. */
export function spanOf(value: unknown): Span | undefined {
  if (typeof value === 'string') return spanOfText(value);
  const { start, end } = (value ?? {}) as { start?: string; end?: string };
  if (start === undefined && end === undefined) return undefined;
  return {
    start: start === undefined ? -Infinity : (spanOfText(start)?.start ?? NaN),
    end: end === undefined ? Infinity : (spanOfText(end)?.end ?? NaN),
  };
}

function spanOfText(text: string): Span | undefined {
  const start = Date.parse(
    /^\d{4}(-\d\d)?$/.test(text) ? `${text}${text.length === 4 ? '-01' : ''}-01` : text,
  );
  if (Number.isNaN(start)) return undefined;
  const end = new Date(start);
  if (text.length === 4) end.setUTCFullYear(end.getUTCFullYear() + 1);
  else if (text.length === 7) end.setUTCMonth(end.getUTCMonth() + 1);
  else if (text.length === 10) end.setUTCDate(end.getUTCDate() + 1);
  else end.setTime(start + (/\.\d/.test(text) ? 1 : /T\d\d:\d\d:\d\d/.test(text) ? 1_000 : 60_000));
  return { start, end: end.getTime() };
}
