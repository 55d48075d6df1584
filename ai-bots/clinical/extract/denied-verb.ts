/**
 * Denials of a verb that leave what follows as it is: "it didn't improve my pain", "I can't sleep", "don't remember".
 * They go by the verb, as a list of whole phrases never holds the next adverb.
 */
import type { Mention } from './lexicon.ts';
import type { Token } from './tokens.ts';

/** What a word that denies must be for its verb to be looked at. */
const AUXILIARY = /^(?:not|never|cannot|ain't|\w+n't)$/i;
const UNABLE = /^(?:can't|cannot|couldn't|can|could|able|unable)$/i;

/** Said between the denial and its verb. */
const ADVERB =
  /^(?:really|even|ever|always|quite|fully|completely|totally|entirely|actually|necessarily|exactly|seem|seems|seemed|appear|appears|to|been|be|being|getting|much|very|just|also|able|like|particularly|significantly|all|gotten|get)$/i;
const ADVERBS_MAX = 4;

const verbs = (words: string): RegExp => new RegExp(`^(?:${words})$`, 'i');

/** Without effect on what follows, which is there. */
const WITHOUT_EFFECT = verbs(
  String.raw`help(?:s|ed|ing|ful)?|improv(?:e|es|ed|ing)|reliev(?:e|es|ed|ing)|eas(?:e|es|ed|ing)|reduc(?:e|es|ed|ing)|lessen(?:s|ed|ing)?|decreas(?:e|es|ed|ing)|touch(?:es|ed|ing)?|chang(?:e|es|ed|ing)|affect(?:s|ed|ing)?|fix(?:es|ed|ing)?|control(?:s|led|ling)?|resolv(?:e|es|ed|ing)|cur(?:e|es|ed|ing)|work(?:s|ed|ing)?|bother(?:s|ed|ing)?|explain(?:s|ed|ing)?|heal(?:s|ed|ing)?|address(?:es|ed|ing)?|treated|managed|effective|alleviat(?:e|es|ed|ing)|better|worse|worsen(?:s|ed|ing)?`,
);
/** Knowledge, memory and wishes. */
const OF_THE_MIND = verbs(
  String.raw`know|knew|remember(?:ed|ing)?|recall(?:ed|ing)?|understand|understood|realiz(?:e|ed|ing)|mind|care|worr(?:y|ied|ying)|forget|forgot|mean|tell|told|imagine|wait|figured?|sure|certain|aware|surpris(?:ed|ing)|enjoy(?:ed|ing)?`,
);
/** What somebody cannot do because of what follows, or along with it. */
const OF_THE_BODY = verbs(
  String.raw`sleep(?:ing)?|slept|walk(?:ed|ing)?|stand(?:ing)?|sit(?:ting)?|bend(?:ing)?|lift(?:ing)?|eat(?:ing)?|ate|eaten|run(?:ning)?|exercis(?:e|ed|ing)|climb(?:ing)?|breathe|breathing`,
);
/** Only with "can't": "I don't get headaches" denies them. */
const UNABLE_TO = verbs(
  String.raw`do|go|get|make|put|move|lie|lay|turn|raise|reach|hold|grip|grab|open|close|straighten|extend|flex|keep|stop|catch|concentrate|focus|function|afford|believe|drive|play|swallow|talk|speak|use|stay|drink|wear|carry|write|type|bear|handle|tolerate|shake|perform|participate|live|say`,
);

/** "I don't remember any fever" says that there was none. */
const MEMORY = /^(?:remember|recall)/i;
const ANYTHING = /^(?:any|a|an|ever|\w+ing)$/i;

/** `end`: index of the word behind the denial; `mention`: the next one, whose verb is its own. */
export function deniesItsVerb(tokens: readonly Token[], end: number, mention?: Mention): boolean {
  const last = /^been$/i.test(tokens[end - 1]?.text ?? '') ? end - 2 : end - 1;
  const denial = tokens[last]?.text ?? '';
  if (!AUXILIARY.test(denial)) return false;
  let at = end;
  while (at < end + ADVERBS_MAX && ADVERB.test(tokens[at]?.text ?? '')) at++;
  const verb = tokens[at]?.text ?? '';
  if (
    at >= (mention?.tokens[0] ?? tokens.length) ||
    (MEMORY.test(verb) && ANYTHING.test(tokens[at + 1]?.text ?? ''))
  )
    return false;
  if (WITHOUT_EFFECT.test(verb) || OF_THE_MIND.test(verb) || OF_THE_BODY.test(verb)) return true;
  const isUnable =
    UNABLE.test(denial) ||
    UNABLE.test(tokens[last - 1]?.text ?? '') ||
    tokens.slice(end, at).some(({ text }) => /^able$/i.test(text));
  // "I can't take the pain" suffers it, "I can't take ibuprofen" takes none.
  return isUnable && (UNABLE_TO.test(verb) || (verb === 'take' && mention?.concept.kind !== 'drug'));
}
