/** Who has it: a relative, somebody else, or (undefined) the patient. */
import type { SpokenSentence } from './spoken-sentence.ts';
import type { Token } from './tokens.ts';

export interface Experiencer {
  /** As it was said: "mother", or "family". */
  readonly member: string;
  /** In the blood; false for spouses, friends and others. */
  readonly isRelative: boolean;
}

const KIN =
  /^(?:(?:great|half|step)-?)*(?:grand(?:mother|father|ma|pa|parent|son|daughter)|mother|father|mom|mum|mommy|dad|daddy|parent|sister|brother|sibling|aunt|uncle|cousin|niece|nephew|twin|relative)s?(?:'s)?$/i;
const CHILD = /^(?:daughter|son|kid|child|children|baby|boy|girl)s?(?:'s)?$/i;
const OTHERS =
  /^(?:husband|wife|spouse|partner|fianc[eé]e?|boyfriend|girlfriend|friend|coworker|co-worker|colleague|neighbou?r|roommate|mother-in-law|father-in-law|classmate|boss)s?(?:'s)?$/i;
const OTHER_PATIENTS = /^(?:patients|people|someone|somebody|everyone|anyone|anybody|folks)$/i;
/** The patient is spoken of again. */
const SELF =
  /^(?:i|i'm|i've|i'd|i'll|me|myself|you|you're|you've|you'll|you'd|we|we're|we'll|patient|patient's)$/i;
/** "My wife says I snore": relatives who tell are not those who have it. */
const TELLS =
  /^(?:say|says|said|saying|think|thinks|thought|notice|notices|noticed|told|tell|tells|telling|mention|mentions|mentioned|bring|brings|brought|make|makes|made|want|wants|wanted|keep|keeps|gave|give|help|helps|helped|ask|asked|insisted|call|called|calls|drive|drove|come|comes|came|visit|visits)$/i;
const COMPANY = /^(?:with|and|to|from|by|for|at|help|called|call)$/i;
const MAX_REACH = 14;

interface Reach {
  readonly who: Experiencer;
  readonly to: number;
}

export function experiencersOf(
  sentence: SpokenSentence,
  childIsPatient: boolean,
): (Experiencer | undefined)[] {
  const { text, tokens, mentions } = sentence;
  const found: (Experiencer | undefined)[] = mentions.map(() => undefined);
  let reach: Reach | undefined;
  let next = 0;
  for (let i = 0; i < tokens.length;) {
    const mention = mentions[next];
    if (mention !== undefined && i >= mention.tokens[0]) {
      if (reach !== undefined && i <= reach.to) {
        found[next] = reach.who;
        reach = { who: reach.who, to: mention.tokens[1] + MAX_REACH };
      }
      found[next] ??= behind(tokens, mention.tokens[1], childIsPatient);
      i = mention.tokens[1];
      next++;
      continue;
    }
    const before = tokens[i - 1];
    if (before !== undefined && /[.;?!]/.test(text.slice(before.end, tokens[i]?.start))) reach = undefined;
    const who = named(tokens, i, childIsPatient);
    if (who !== undefined) reach = { who, to: i + MAX_REACH };
    else if (isSelf(tokens, i)) reach = undefined;
    i++;
  }
  return found;
}

/** Whether a sentence or a question is about relatives at all. */
export function familyIn(tokens: readonly Token[], childIsPatient: boolean): Experiencer | undefined {
  for (let i = 0; i < tokens.length; i++) {
    const who = named(tokens, i, childIsPatient);
    if (who?.isRelative === true) return who;
  }
  return undefined;
}

function named(tokens: readonly Token[], at: number, childIsPatient: boolean): Experiencer | undefined {
  const said = tokens[at]?.text ?? '';
  const [before, after] = [tokens[at - 1]?.text ?? '', tokens[at + 1]?.text ?? ''];
  if (/^family(?:'s)?$/i.test(said)) {
    const isMedical =
      /^(?:history|members?|medical)$/i.test(after) ||
      /^(?:my|your|the|his|her|immediate|our)$/i.test(before);
    const isOther = /^(?:doctor|physician|practice|medicine|practitioner|clinic|owns|reunion)$/i.test(after);
    return isMedical && !isOther ? { member: 'family', isRelative: true } : undefined;
  }
  const isPatients = /^patients$/i.test(said) && /^(?:my|other|our)$/i.test(before);
  const isOther = OTHERS.test(said) || isPatients || (OTHER_PATIENTS.test(said) && !/^patients$/i.test(said));
  const isChild =
    CHILD.test(said) &&
    /^(?:my|your|his|her|our|their|only|older|younger|oldest|youngest|\w+'s)$/i.test(before);
  const isKin = KIN.test(said) || (isChild && !childIsPatient);
  if (!isKin && !isOther) return undefined;
  if (
    TELLS.test(after) ||
    (/^(?:also|has|had|just|really|ever)$/i.test(after) && TELLS.test(tokens[at + 2]?.text ?? ''))
  )
    return undefined;
  if (COMPANY.test(tokens[at - 2]?.text ?? '') && /^(?:with|called|call)$/i.test(tokens[at - 2]?.text ?? ''))
    return undefined;
  return { member: said.toLowerCase().replace(/'s$/, ''), isRelative: isKin };
}

/** "My" and "your" before anything but a relative speak of the patient: "and my knee hurts". */
function isSelf(tokens: readonly Token[], at: number): boolean {
  const said = tokens[at]?.text ?? '';
  // "My mother has, I think, diabetes."
  if (/^i$/i.test(said) && /^(?:think|believe|guess|know|suspect)$/i.test(tokens[at + 1]?.text ?? ''))
    return false;
  if (SELF.test(said)) return true;
  if (!/^(?:my|your)$/i.test(said)) return false;
  return !tokens
    .slice(at + 1, at + 4)
    .some(
      ({ text }) =>
        KIN.test(text) ||
        CHILD.test(text) ||
        OTHERS.test(text) ||
        /^family$/i.test(text) ||
        /^side$/i.test(text),
    );
}

/** "Runs in my family", "in my mother", "on my dad's side". */
function behind(tokens: readonly Token[], from: number, childIsPatient: boolean): Experiencer | undefined {
  for (let i = from; i < Math.min(from + 4, tokens.length - 1); i++) {
    if (!/^(?:in|on)$/i.test(tokens[i]?.text ?? '')) continue;
    for (let k = i + 1; k <= i + 2; k++) {
      const who = named(tokens, k, childIsPatient);
      if (who !== undefined) return who;
    }
  }
  return undefined;
}
