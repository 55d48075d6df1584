/** Drugs that a text names and its source does not: by the lexicon, by the stems of their names, and by what has a dose. */
import { mentionsIn } from '../extract/index.ts';

/** Stems of international nonproprietary names. https://www.who.int/teams/health-product-and-policy-standards/inn/stembook */
const STEM =
  /(?<![\p{L}])[a-z]{2,}(?:pril|olol|statin|formin|sartan|conazole|prazole|cillin|mycin|micin|oxicam|profen|dipine|cycline|floxacin|gliptin|gliflozin|glutide|semide|thiazide|azepam|azolam|oxetine|traline|codone|morphone|tidine|triptan|parin|xaban|lukast|fenac|caine|barbital|phylline|terol|asone|olone|setron|vudine|ciclovir)(?![\p{L}])/giu;
/** Frequent or dangerous ones without such a stem. */
const OTHERS =
  /(?<![\p{L}])(?:morphine|fentanyl|methadone|codeine|tramadol|ketamine|heroin|opium|buprenorphine|naloxone|warfarin|insulin|digoxin|lithium|methotrexate|prednisone|gabapentin|pregabalin|amiodarone|colchicine|phenytoin|valproate|clopidogrel|aspirin|acetaminophen|paracetamol|adderall|ritalin|xanax|valium|viagra|propofol|botox|cannabis|marijuana|cocaine)(?![\p{L}])/giu;
const WITH_DOSE =
  /(?<![\p{L}])(\p{L}[\p{L}-]{4,})\s+(?:\d[\d.,]*)\s?(?:mg|mcg|milligrams?|micrograms?|grams?|units?|ml)(?![\p{L}])/giu;

const words = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => (match[1] ?? match[0]).toLowerCase());

const drugConcepts = (text: string): string[] =>
  mentionsIn(text).flatMap(({ concept }) => (concept.kind === 'drug' ? [concept.name] : []));

/** Empty when the source names them all. */
export function drugsWithoutSource(text: string, source: string): string[] {
  const said = new Set(drugConcepts(source));
  const spoken = source.toLowerCase();
  const concepts = drugConcepts(text).filter((name) => !said.has(name));
  // A brand that the lexicon knows under another name has been said when its concept has.
  const named = [...words(text, STEM), ...words(text, OTHERS)].filter(
    (word) => !spoken.includes(word) && !drugConcepts(word).some((name) => said.has(name)),
  );
  return [...new Set([...concepts, ...named])];
}

/** Words that stand where a drug stands, "Xyzal 5 mg", and were not said: perhaps drugs that nobody here knows. */
export function dosedWordsWithoutSource(text: string, source: string): string[] {
  const spoken = source.toLowerCase();
  const isDrug = (word: string): boolean => mentionsIn(word).some(({ concept }) => concept.kind === 'drug');
  return words(text, WITH_DOSE).filter(
    (word) => !NOT_DRUGS.test(word) && !isDrug(word) && !spoken.includes(word.slice(0, 6)),
  );
}

const NOT_DRUGS =
  /^(?:daily|dosages?|doses?|taking|takes|tablets?|increas\w*|decreas\w*|about|approximately|currently|prescrib\w*|another|total|maximum|strength|from|additional|reduc\w*|around|only|least|lower\w*|start\w*|continu\w*|report\w*|begin\w*|resum\w*|order\w*|giv\w*|receiv\w*|patient|which|their|after|under|would|should)$/i;
