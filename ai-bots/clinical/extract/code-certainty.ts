/** Whether a concept's code still fits with the words around the mention: "chronic lymphocytic leukemia" is not just leukemia. */
import type { Mention } from './lexicon.ts';
import type { SpokenSentence } from './spoken-sentence.ts';

/** Before the name of a disease they make another one of it, with another code. */
const NARROWS =
  /^(?:acute|subacute|chronic|recurrent|persistent|intermittent|mild|moderate|severe|diabetic|alcoholic|bacterial|viral|fungal|lymphocytic|lymphoblastic|lymphoid|myeloid|myelogenous|promyelocytic|metastatic|congenital|juvenile|hereditary|familial|septic|pulmonary|renal|ocular|hepatic|cerebral|cutaneous|secondary|gestational|induced|drug-induced|malignant|benign|refractory|intractable|hemorrhagic|thrombotic|rheumatic|toxic|autoimmune|ischemic|postoperative|traumatic|perforated|bleeding|infected|ruptured|strangulated|incarcerated|cell|aplastic|hemolytic|macrocytic|microcytic|optic|aortic)$/i;
/** Severity that ICD-10-CM does not ask for; with these names it does. */
const SEVERITY = /^(?:mild|moderate|severe|persistent|intermittent|recurrent)$/i;
const GRADED = /^(?:asthma|depression|major-depressive-disorder|dementia|chronic-kidney-disease)$/;
const NARROWED_BEHIND =
  /^\s*(?:in (?:full |partial )?remission|with (?:complications?|nephropathy|neuropathy|retinopathy|psychosis|hyperglycemia)|secondary to|due to|stage|in pregnancy|of pregnancy|type (?:[12]|one|two|i+)\b|exacerbation|attack)/i;

/** What was meant, in the words that were said, when that is more than the concept; undefined when the concept says it. */
export function narrowedTerm({ text, tokens }: SpokenSentence, mention: Mention): string | undefined {
  const { concept, start, end, tokens: place } = mention;
  if (concept.kind !== 'problem') return undefined;
  let first = place[0];
  for (let i = first - 1; i >= 0; i--) {
    const [token, after] = [tokens[i], tokens[i + 1]];
    if (token === undefined || after === undefined || !/^[\s-]*$/.test(text.slice(token.end, after.start)))
      break;
    const isHarmless = SEVERITY.test(token.text) && !GRADED.test(concept.id);
    if (!NARROWS.test(token.text) || isHarmless) break;
    first = i;
  }
  const behind = NARROWED_BEHIND.exec(text.slice(end, end + 30))?.[0] ?? '';
  if (first === place[0] && behind === '') return undefined;
  return text.slice(tokens[first]?.start ?? start, end + behind.length).toLowerCase();
}
