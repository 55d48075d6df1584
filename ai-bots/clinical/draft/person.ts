/** From "I" and "you" to the patient in the third person. */
import type { DraftPatient } from '../types.ts';
import { finish } from './speech.ts';

export interface Pronouns {
  readonly subject: string;
  readonly object: string;
  readonly possessive: string;
  readonly plural: boolean;
}

export function pronouns(gender: DraftPatient['gender']): Pronouns {
  if (gender === 'female') return { subject: 'she', object: 'her', possessive: 'her', plural: false };
  if (gender === 'male') return { subject: 'he', object: 'him', possessive: 'his', plural: false };
  return { subject: 'they', object: 'them', possessive: 'their', plural: true };
}

const ADVERB = String.raw`(?:(?:just|really|also|still|only|never|always|usually|sometimes|often|actually|mostly|recently|currently|probably|occasionally|already|even|kind of) )`;

/** Verbs in the present that people use of themselves; other words after "I" are taken for past tense. */
const PRESENT = new Set(
  `feel take have get need want think use know notice sleep eat drink smoke work live try go come see hear wake cough
   walk run play like love find start keep check exercise watch do make hope prefer seem look sit stand lie lay
   remember forget monitor vape weigh struggle enjoy suffer experience lose gain throw vomit bleed believe guess wonder
   stay bring call travel drive cook deal tend feed wear carry lift bend climb swallow breathe wheeze sneeze ache
   throb itch sweat shake urinate pee pass worry cry snore skip miss do avoid limit follow manage control inject`.split(
    /\s+/,
  ),
);

/** "take" → "takes". */
export function thirdPerson(verb: string): string {
  if (verb === 'have') return 'has';
  if (/(?:s|x|z|ch|sh|o)$/.test(verb)) return `${verb}es`;
  return /[^aeiou]y$/.test(verb) ? `${verb.slice(0, -1)}ies` : `${verb}s`;
}

const OPENING: readonly (readonly [RegExp, string])[] = [
  [
    /^i(?: have|'ve) (?:just |really |also |kind of |actually )*(?:had|been having|been getting|noticed|been experiencing|got)\s+(?!to\b)/i,
    'Patient reports ',
  ],
  [/^i(?:'m| am) (?:just |really |also |still )*(?:having|getting|experiencing)\s+/i, 'Patient reports '],
  [
    /^i (?:just |really |also |still |do )*(?:have|get|experience)\s+(?!(?:just |really |also |actually |still |always |never )*(?:to|not|been|\w+ed|gone|done|taken|got|had|made|seen)\b)/i,
    'Patient reports ',
  ],
  [
    /^(?:i (?:do not|never)|i've not|i have not|i have no|i've no) (?:have|had|get|notice|noticed|feel|felt)?\s*(?:any\s+)(?=\w)/i,
    'Denies ',
  ],
  [/^(?:yes|yeah|yep|no|nope|nah)\b[\s,.]*/i, ''],
];

/** What the patient said of himself or herself, as the clinician writes it; the first "I" is "Patient". */
export function patientVoice(sentence: string, who: Pronouns): string {
  let text = sentence.replace(/^(?:(?:yes|yeah|yep|no|nope|nah|well|but|and|so)\b[\s,.]*)+/i, '');
  for (const [pattern, opening] of OPENING)
    if (pattern.test(text)) {
      text = text.replace(pattern, opening);
      break;
    }
  let named = /^(Patient|Denies|my)\b/i.test(text);
  const name = (offset: number): string => {
    if (named) return who.subject;
    named = true;
    return offset === 0 ? 'Patient' : 'patient';
  };
  text = text.replace(
    new RegExp(String.raw`\b(i'm|i've|i'll|i'd|i)(?![\w'])(?: (${ADVERB}*)([a-z']+))?`, 'gi'),
    (_all, i: string, adverbs: string | undefined, verb: string | undefined, offset: number) =>
      conjugate(i.toLowerCase(), adverbs ?? '', (verb ?? '').toLowerCase(), name(offset), who),
  );
  text = text.replace(/^my\b/i, "Patient's").replace(/\bmy\b/gi, who.possessive);
  return finish(others(text, who));
}

const others = (text: string, who: Pronouns): string =>
  text
    .replace(
      /\bmyself\b/gi,
      `${who.object}self`.replace('hisself', 'himself').replace('themself', 'themselves'),
    )
    .replace(/\bme\b/gi, who.object)
    .replace(/\bmine\b/gi, who.plural ? 'theirs' : who.subject === 'he' ? 'his' : 'hers')
    .replace(/\bwe're\b/gi, 'they are')
    .replace(/\bwe've\b/gi, 'they have')
    .replace(/\bwe\b/gi, 'they')
    .replace(/\bour\b/gi, 'their')
    .replace(/\bus\b/g, 'them');

function conjugate(i: string, adverbs: string, verb: string, name: string, who: Pronouns): string {
  const plural = !/^patient$/i.test(name) && who.plural;
  const [be, have] = plural ? ['are', 'have'] : ['is', 'has'];
  const join = (...parts: string[]): string => parts.filter((part) => part !== '').join(' ');
  const rest = adverbs.trim();
  if (i === "i'm") return join(name, be, rest, verb);
  if (i === "i've") return join(name, have, rest, verb);
  if (i === "i'll") return join(name, 'will', rest, verb);
  if (i === "i'd") return join(name, /^(been|had)$/.test(verb) ? 'had' : 'would', rest, verb);
  if (verb === 'am') return join(name, rest, be);
  if (verb === 'was' || verb === 'were') return join(name, rest, plural ? 'were' : 'was');
  if (!plural && PRESENT.has(verb)) return join(name, rest, thirdPerson(verb));
  return join(name, rest, verb);
}

/** "you take", not the "you" of "let you take" and "do you take". */
const YOU_DO = new RegExp(
  String.raw`(?<!\b(?:let|make|makes|help|helps|have|see|watch|get|want|like|need|give|do|did|does|would|could|should|will|can|may|might|must|for|to|with|on|of|than)\s)\b(that |if |when |as |because )?you (${ADVERB}*)([a-z]+)\b`,
  'gi',
);

/** What the clinician said to the patient, about the patient. */
export function clinicianVoice(sentence: string, who: Pronouns): string {
  const [be, have] = who.plural ? ['are', 'have'] : ['is', 'has'];
  let named = false;
  const name = (): string => {
    if (named) return who.subject;
    named = true;
    return 'patient';
  };
  const verb = (singular: string, plural: string, subject: string): string =>
    `${subject} ${subject === 'patient' ? singular : plural}`;
  return finish(
    sentence
      .replace(/\byou(?:'re| are)\b/gi, () => verb('is', be, name()))
      .replace(/\byou(?:'ve| have)\b/gi, () => verb('has', have, name()))
      .replace(/\byou'll\b/gi, () => verb('will', 'will', name()))
      .replace(/\byou'd\b/gi, () => verb('would', 'would', name()))
      .replace(/\byou do have\b/gi, () => verb('has', have, name()))
      .replace(/\byou do not have\b/gi, () => `${name()} ${who.plural ? 'do' : 'does'} not have`)
      .replace(YOU_DO, (all, before: string | undefined, adverbs: string, word: string) => {
        if (!PRESENT.has(word.toLowerCase())) return all;
        const subject = name();
        const plural = subject !== 'patient' && who.plural;
        return `${before ?? ''}${subject} ${adverbs}${plural ? word : thirdPerson(word.toLowerCase())}`;
      })
      .replace(/\b(that|if|when|as|because) you\b/gi, (_all, word: string) => `${word} ${name()}`)
      .replace(/\byou (?=should|can|may|might|need|will|could|had|did|were|do)\b/gi, () => `${name()} `)
      .replace(
        /\bpatient (need|do|were)\b/g,
        (_all, word: string) => `patient ${word === 'were' ? 'was' : thirdPerson(word)}`,
      )
      .replace(/^your\s+/i, '')
      .replace(/\byours\b/gi, who.plural ? 'theirs' : who.subject === 'he' ? 'his' : 'hers')
      .replace(/\byour\b/gi, named ? who.possessive : "patient's")
      .replace(/\byourself\b/gi, 'self')
      .replace(/\byou\b/gi, () => (named ? who.object : 'patient')),
  );
}
