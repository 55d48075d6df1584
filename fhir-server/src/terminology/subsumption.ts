/** `:above` and `:below` on tokens, which go by subsumption: https://hl7.org/fhir/R4/search.html#modifiers */
import { type Concepts, conceptsOf, withAncestors, withDescendants } from './concepts.ts';
import { TERMINOLOGY_LIMITS, type TerminologyLimits } from './limits.ts';
import { tooManyCodes, unknownCodeSystem } from './refusals.ts';
import { Reader, type TerminologySource } from './source.ts';

/** The code itself and all that subsume it. Throws 400 for a code system whose content is not known. */
export const codesAbove = (
  source: TerminologySource,
  system: string,
  code: string,
  limits: TerminologyLimits = TERMINOLOGY_LIMITS,
): Promise<string[]> => related(new Reader(source, `${system}|${code}`, limits), system, code, withAncestors);

/** The code itself and all that it subsumes. Throws 400 for a code system whose content is not known, and for too many. */
export const codesBelow = (
  source: TerminologySource,
  system: string,
  code: string,
  limits: TerminologyLimits = TERMINOLOGY_LIMITS,
): Promise<string[]> =>
  related(new Reader(source, `${system}|${code}`, limits), system, code, withDescendants);

async function related(
  reader: Reader,
  system: string,
  code: string,
  reach: (concepts: Concepts, code: string) => Set<string>,
): Promise<string[]> {
  const codeSystem = await reader.codeSystem(system);
  if (codeSystem?.concept === undefined) throw unknownCodeSystem(system);
  const codes = [...reach(conceptsOf(codeSystem), code)];
  if (codes.length > reader.limits.codes) throw tooManyCodes(reader.asked, reader.limits);
  return codes;
}
