/** `:in` and `:not-in`: which codes a value set stands for in a search (https://hl7.org/fhir/R4/search.html#modifiers). */
import { Composer } from './compose.ts';
import type { ConceptSet } from './concept-set.ts';
import type { Part } from './contents.ts';
import { TERMINOLOGY_LIMITS, type TerminologyLimits } from './limits.ts';
import { tooManyCodes, unlistable } from './refusals.ts';
import { Reader, type TerminologySource } from './source.ts';

export interface SearchExpansion {
  readonly codes: readonly { readonly system: string; readonly code: string }[];
  /** Code systems that are in it as a whole, because their codes cannot be listed here. */
  readonly systems: readonly string[];
  /** Codes of systems in tables that are too many to be listed. */
  readonly queries?: readonly SystemCodes[];
}

/** SQL with one column `code`; its values are numbered from $1 on. */
export interface SystemCodes {
  readonly system: string;
  readonly codes: { readonly text: string; readonly values: readonly unknown[] };
}

/**
 * `canonical`: with or without `|version`, or `ValueSet/id`.
 *
 * Throws 400: `not-found` for a value set, or for a code system whose content is needed, that is neither the caller's nor the
 * standard's; `too-costly` beyond the limits; `not-supported` and `invalid` for a definition that cannot be worked out.
 */
export async function expandForSearch(
  source: TerminologySource,
  canonical: string,
  limits: TerminologyLimits = TERMINOLOGY_LIMITS,
): Promise<SearchExpansion> {
  const contents = await new Composer(new Reader(source, canonical, limits)).valueSet(canonical);
  const systems = new Set(contents.filter(isWhole).map(({ system }) => system));
  const bySystem = new Map<string, Set<string>>();
  const queries: SystemCodes[] = [];
  let size = 0;
  for (const part of contents) {
    if (systems.has(part.system)) continue;
    const known = bySystem.get(part.system) ?? new Set();
    bySystem.set(part.system, known);
    size -= known.size;
    const found = await listed(part, limits.codes - size);
    if ('codes' in found) queries.push(found);
    else for (const code of found) known.add(code);
    size += known.size;
    if (size > limits.codes) throw tooManyCodes(`The value set ${canonical}`, limits);
  }
  return {
    codes: [...bySystem].flatMap(([system, codes]) => [...codes].map((code) => ({ system, code }))),
    systems: [...systems],
    ...(queries.length > 0 && { queries }),
  };
}

/** A fragment or an example does not tell which codes the system has, and those in tables are all that there are. */
const isWhole = ({ content, set }: Part): boolean =>
  set.kind === 'all' && (!isListable(content) || content?.codesSql !== undefined);

const isListable = (content: Part['content']): boolean =>
  content?.content === 'complete' && content.isListable;

/** Of a system in tables; a query finds more of them sooner. */
export const LISTED_MAX = 1_000;

/** At most `room + 1` codes, unless a query finds them. */
async function listed(
  { system, content, set }: Part,
  room: number,
): Promise<readonly string[] | SystemCodes> {
  if (set.kind === 'codes') return [...set.codes];
  if (content === undefined || (!isListable(content) && hasAll(set))) throw unlistable(system);
  const max = content.codesSql === undefined ? room : Math.min(room, LISTED_MAX);
  const codes = await content.list(set, Math.max(max + 1, 0));
  return codes.length > max && content.codesSql ? { system, codes: content.codesSql(set) } : codes;
}

function hasAll(set: ConceptSet): boolean {
  if (set.kind === 'and' || set.kind === 'or') return set.of.some(hasAll);
  return set.kind === 'minus' ? hasAll(set.of) : set.kind === 'all';
}
