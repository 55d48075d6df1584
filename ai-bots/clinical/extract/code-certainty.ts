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

export function isCodeCertain({ text, tokens }: SpokenSentence, mention: Mention): boolean {
  if (mention.concept.kind !== 'problem') return true;
  const before = tokens[mention.tokens[0] - 1];
  const said =
    before !== undefined && /^[\s-]*$/.test(text.slice(before.end, mention.start)) ? before.text : '';
  const isHarmless = SEVERITY.test(said) && !GRADED.test(mention.concept.id);
  if (NARROWS.test(said) && !isHarmless) return false;
  return !NARROWED_BEHIND.test(text.slice(mention.end, mention.end + 30));
}
