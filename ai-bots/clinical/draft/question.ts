/** A clinician's question with the patient's answer, as one clinical sentence. */
import { finish } from './speech.ts';
import { clinical } from './vocabulary.ts';
import { patientVoice, thirdPerson, type Pronouns } from './person.ts';

const ASKS =
  /\?|^(?:any|do you|did you|have you|are you|were you|is it|is there|how|what|when|where|which|who|does|has|can you|could you)\b/i;
export const isQuestion = (text: string): boolean => ASKS.test(text);

/** Alone or before a pause: "I do." answers, "I do not remember" goes on. */
const PAUSE = String.raw`(?=\s*(?:[,.!;]|$|\b(?:no|yes|yeah)\b))`;
const YES = new RegExp(
  String.raw`^(?:(?:yes|yeah|yep|yup|correct|absolutely|mm-hmm|uh-huh|definitely)\b|(?:i do|i am|i have|i did|that's right|sure)${PAUSE})`,
  'i',
);
const NO = new RegExp(
  String.raw`^(?:(?:no|nope|nah|not really|not at all|none|never)\b|(?:i do not|i don't|i have not|i haven't|i did not|i didn't|i am not|i'm not|not that i know of|not that i'm aware of|nothing)${PAUSE})`,
  'i',
);

export type Answer = 'yes' | 'no' | undefined;
export function answerOf(text: string): Answer {
  // "No, not at all" denies; "no idea", "no problem" answer nothing.
  if (/^no (?:idea|problem|worries)/i.test(text)) return undefined;
  return NO.test(text) ? 'no' : YES.test(text) ? 'yes' : undefined;
}

const SYMPTOM_QUESTION =
  /\b(?:any(?: other| new)?(?: (?:signs|symptoms) (?:of|like))?|(?:do you have|have you had|are you having|did you have|have you noticed|have you been having|are you experiencing|have you experienced|do you get|did you get|have you gotten|do you feel|any feeling of)(?: (?:any|a|an|some))?(?: (?:other|new))?(?: (?:symptoms (?:of|like)))?)\s+(.+)$/i;
const TRAILER =
  /(?:,?\s*(?:or )?(?:anything|any of that|things|stuff)(?: else)? like that|,? or anything(?: else)?|,? at all|,? recently|,? lately|,? today|,? right now|,? (?:okay|correct|right|is that (?:correct|right))|,? (?:with that|or no|or not|or))+\s*$/i;

/** What a symptom question asks for: "chest pain or fever". Undefined for other questions. */
export function askedFor(question: string): string | undefined {
  const items = SYMPTOM_QUESTION.exec(question.replace(/[?.!]+\s*$/, ''))?.[1]
    ?.replace(TRAILER, '')
    .replace(/^(?:any|a|an|some|like|of)\s+/i, '')
    .replace(/,?\s*(?:and|or|,)?\s*\b(?:any|like)\s+/gi, ', ')
    .replace(/^[,\s]+/, '')
    .trim();
  if (items === undefined) return thingAsked(question);
  if (items.split(/\s+/).length > 14) return undefined;
  return /^(?:questions?|concerns?|idea|other|else|symptoms?|thing|more|plans?|you|to|it|that|this|been)?$|\b(?:you|questions?|before we|for me|favou?rite)\b/i.test(
    items,
  )
    ? undefined
    : items;
}

/** What an answer that is not a plain "no" says by itself. */
export interface MixedAnswer {
  readonly denied?: string;
  readonly confirmed?: string;
  /** What is to be read as a statement of its own. */
  readonly rest?: string;
}

const MIXED =
  /^(?:no|nope|nah)\b[,.\s]*(.*?)[,;.]?\s*(?:\b(?:but|except(?: for)?|although|though)\b\s*(.*?))?[.!]*$/i;
const TO_THAT = /^(?:yes|yeah|yep)[,\s]+(?:to|for|on|about)\s+(?:the |a |an |my |some )?(.+)$/i;

/** "No fever, but yes to the cough." Undefined for a plain no, with or without details. */
export function mixedAnswer(answer: string, asked: string): MixedAnswer | undefined {
  const [, named = '', exception] = MIXED.exec(answer.trim()) ?? [];
  const isNamed =
    /^[a-z]/i.test(named) &&
    clinical(named) > 0 &&
    named.split(' ').length <= 6 &&
    !/\b(?:i|it|that)\b/i.test(named);
  // "No, but I feel dizzy" leaves the denial of all that was asked; "no, but a little" and "no, but the cough" do not.
  if (!isNamed && (exception === undefined || !isPartly(exception, asked))) return undefined;
  const confirmed = exception === undefined ? undefined : TO_THAT.exec(exception)?.[1];
  return {
    ...(isNamed ? { denied: named } : {}),
    ...(confirmed === undefined ? {} : { confirmed }),
    ...(exception === undefined || confirmed !== undefined ? {} : { rest: exception }),
  };
}

const isPartly = (exception: string, asked: string): boolean =>
  /\b(?:a (?:little|bit|few)|some|sometimes|once|twice|occasional(?:ly)?)\b/i.test(exception) ||
  (asked.toLowerCase().match(/[a-z]{4,}/g) ?? []).some((word) => exception.toLowerCase().includes(word));

/** "Denies fever or chills." */
export function denial(items: string, who: Pronouns): string {
  return finish(
    `Denies ${items
      .replace(/^known? /i, '')
      .replace(/\byour\b/gi, who.possessive)
      .replace(/\s+and\s+/gi, ' or ')
      .replace(/,\s*or\s+/gi, ' or ')}`,
  );
}

/** A yes to several things asked at once says yes to none of them in particular. */
export function confirmation(items: string, who: Pronouns): string | undefined {
  return /,|\b(?:or|and)\b/i.test(items)
    ? undefined
    : finish(`Reports ${items.replace(/\byour\b/gi, who.possessive)}`);
}

/** "Do you smoke?" – "No." → "Patient does not smoke." Undefined for questions of another form. */
export function plainAnswer(question: string, answer: 'yes' | 'no', who: Pronouns): string | undefined {
  const text = question.replace(/[?.!]+\s*$/, '').replace(TRAILER, '');
  const match = /\b(do|did|are|have|were) you (?:still |ever |also |currently |been )?([a-z]+)\b(.*)$/i.exec(
    text,
  );
  const [all, auxiliary = '', verb = '', rest = ''] = match ?? [];
  if (
    all === undefined ||
    all.split(' ').length > 16 ||
    /\b(?:or|how|what|why|when|where|i|me|my|we)\b/i.test(text)
  )
    return undefined;
  if (/^(?:have|think|know|remember|mean|see|hear|want|understand|guys|the|a|ready|okay|sure)$/i.test(verb))
    return undefined;
  if (answer === 'yes' && /\bany(?:thing|one|where)?\b/i.test(rest)) return undefined;
  if (/\byou(?:'re|'ve| are| have)\b|\b(?:correct|is that|right now is)\b/i.test(rest)) return undefined;
  const tail = rest.replace(/\byour\b/gi, 'my').replace(/\byou\b/gi, 'i');
  const not = answer === 'no' ? ' not' : '';
  const word = auxiliary.toLowerCase();
  const still = /\byou still\b/i.test(text) ? 'still ' : '';
  const been = /\bhave you (?:\w+ )?been\b/i.test(text) ? 'been ' : '';
  const said =
    word === 'do'
      ? answer === 'no'
        ? `Patient does not ${verb}${tail}`
        : `Patient ${still}${thirdPerson(verb)}${tail}`
      : `Patient ${{ did: 'did', are: 'is', have: 'has', were: 'was' }[word] ?? 'is'}${not} ${still}${been}${verb}${tail}`;
  return patientVoice(said, who);
}

/** Labels for answers that are no sentence of their own. */
const TOPICS: readonly (readonly [RegExp, string])[] = [
  [/\bhow long\b/i, 'Duration'],
  [/\bhow old\b/i, 'Age'],
  [/\bwhen did\b|\bhow many days ago\b|\bwhen was\b/i, 'Onset'],
  [/\bhow often\b|\bhow many times\b/i, 'Frequency'],
  [/\bhow (?:bad|severe)\b|\bscale\b|\bhow much pain\b/i, 'Severity'],
  [
    /\bwhat brings you|\bwhat's (?:going on|wrong)|\bwhat can i (?:do|help)|\bhow can i help/i,
    'Reason for visit',
  ],
  [/\bwhere\b|\bwhich (?:side|arm|leg|knee|foot)/i, 'Location'],
  [/\ballerg/i, 'Allergies'],
  [
    /\bmedic(?:ation|ine)s?\b.*\b(?:take|taking|on)\b|\b(?:take|taking|on)\b.*\b(?:medic(?:ation|ine)|anything)/i,
    'Medications',
  ],
  [/\bfor (?:work|a living)|\boccupation/i, 'Occupation'],
  [/\b(?:makes? it|anything) worse/i, 'Worse with'],
  [/\b(?:makes? it|anything) better|\bhelps?\b/i, 'Relieved by'],
  [/\b(?:drink|alcohol)\b/i, 'Alcohol'],
  [/\bsmoke\b/i, 'Smoking'],
  [/\bwhat (?:have you|did you) (?:taken|tried|take|try)|\bfor the pain\b/i, 'Treatment tried'],
];

/** "Shortness of breath?", "And the cough?": nothing but a thing. */
const THING =
  /^(?:and |any |what about |how about )?(?:the |your )?((?!(?:how|what|when|where|why|who|which|really|okay|all|in|on)\b)[a-z]+(?: [a-z]+){0,3})\?$/i;
function thingAsked(question: string): string | undefined {
  const thing = THING.exec(question)?.[1];
  return thing === undefined ||
    /\b(?:you|i|it|is|are|do|does|did|that|have|was|he|she|they|we)\b/i.test(thing)
    ? undefined
    : thing;
}

export function topicOf(question: string): string | undefined {
  const lasting =
    /\bhow long have you (?:had|been having|been feeling) (?:this |the |that |your )?([a-z][a-z ]{2,30})\?*$/i.exec(
      question,
    )?.[1];
  if (lasting !== undefined) return `Duration of ${lasting.trim()}`;
  return TOPICS.find(([words]) => words.test(question))?.[1] ?? thingAsked(question);
}
