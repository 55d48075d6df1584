/** `:above` and `:below` on tokens, which go by subsumption: https://hl7.org/fhir/R4/search.html#modifiers */
import { filteredConcepts } from './concept-set.ts';
import { LISTED_MAX, type SystemCodes } from './expand-for-search.ts';
import { TERMINOLOGY_LIMITS, type TerminologyLimits } from './limits.ts';
import { tooManyCodes, unknownCodeSystem } from './refusals.ts';
import { Reader, type TerminologySource } from './source.ts';

/** The code itself and all that subsume it. Throws 400 for a code system whose content is not known. */
export const codesAbove = (
  source: TerminologySource,
  system: string,
  code: string,
  limits: TerminologyLimits = TERMINOLOGY_LIMITS,
): Promise<string[] | SystemCodes> => related(source, system, code, 'above', limits);

/**
 * The code itself and all that it subsumes; a query where they are too many and in tables. Throws 400 for a code system whose
 * content is not known, and for too many.
 */
export const codesBelow = (
  source: TerminologySource,
  system: string,
  code: string,
  limits: TerminologyLimits = TERMINOLOGY_LIMITS,
): Promise<string[] | SystemCodes> => related(source, system, code, 'below', limits);

async function related(
  source: TerminologySource,
  system: string,
  code: string,
  direction: 'above' | 'below',
  limits: TerminologyLimits,
): Promise<string[] | SystemCodes> {
  const asked = `${system}|${code}`;
  const content = await new Reader(source, asked, limits).codeSystem(system);
  if (content === undefined || !content.isListable) throw unknownCodeSystem(system);
  const max = content.codesSql === undefined ? limits.codes : Math.min(limits.codes, LISTED_MAX);
  const codes = await content.reach(code, direction, max);
  if (codes.length <= max) return [...codes];
  if (content.codesSql === undefined) throw tooManyCodes(asked, limits);
  const op = direction === 'above' ? 'generalizes' : 'is-a';
  return { system, codes: content.codesSql(filteredConcepts({ property: 'concept', op, value: code }, 0)) };
}
