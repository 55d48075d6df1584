/** Whether a recording is a consultation at all, before a note is drafted from it: rules that would rather let one pass. */
import { mentionsIn } from '../extract/index.ts';
import { clean } from '../transcript/index.ts';
import type { Transcript } from '../types.ts';

export interface Consultation {
  readonly isConsultation: boolean;
  /** Why not, as the end of a sentence that begins "This does not sound like a consultation:". */
  readonly reason?: string;
}

/** Fewer words are no visit, whatever they are. */
const WORDS_MIN = 4;
/** From here on the share of clinical words says something. */
const WORDS_TELLING = 40;
/** Clinical words among a hundred; the least of 107 visits of ACI-BENCH have three times as many. */
const SHARE_MIN = 1;
const DISTINCT_SHARE_MIN = 0.12;
const ENGLISH_SHARE_MIN = 0.15;

const ENGLISH =
  /^(?:the|a|an|and|or|but|is|are|was|were|be|been|i|i'm|i've|you|you're|your|my|me|we|he|she|they|her|his|it|it's|that|this|there|to|of|in|on|for|with|at|from|have|has|had|do|does|did|not|no|yes|yeah|okay|so|any|what|how|when|if|as|about|will|can|just|all|some|since|up|out)$/;
const PERSON =
  /\b(?:i|i'm|i've|i'd|my|me|you|you're|you've|your|he|she|his|her|him|patient|patient's|mr|mrs|miss|ma'am|sir|year[- ]old)\b/i;
const CLINICAL =
  /\b(?:burn\w*|lumps?|breasts?|mental\w*|illness\w*|sick|diseases?|disorders?|health\w*|accident|trauma|immuniz\w*|shots?|pacemaker|brain|neuro\w*|sexual\w*|treatment|pain\w*|hurt\w*|ache\w*|sore\w*|cough\w*|fever\w*|nause\w*|vomit\w*|dizz\w*|fatigue\w*|tired|numb\w*|tingl\w*|swell\w*|swollen|rash\w*|itch\w*|bleed\w*|breath\w*|headache\w*|symptom\w*|medic\w*|pills?|tablets?|dose|mg|milligrams?|prescri\w*|refill\w*|allerg\w*|surger\w*|operation|diagnos\w*|infect\w*|blood|pressure|lungs?|heart|abdom\w*|stomach|knees?|ankles?|shoulders?|spine|throat|exam\w*|x-?rays?|mri|ultrasound|labs?|biopsy|vaccin\w*|smok\w*|drink\w*|alcohol|tobacco|marijuana|diabet\w*|hypertens\w*|cholesterol|asthma|cancer\w*|arthritis|thyroid|depress\w*|anxi\w*|therap\w*|physician|doctor|hospital|clinic\w*|nurse|urin\w*|bowel|injur\w*|fracture\w*|sprain\w*|pregnan\w*|periods?|weight|temperature|pulse|follow[- ]up|specialist|\w+ologist|\w+itis|\w+ectomy|\w+oscopy|medical|family history|married|born|delivery)\b/gi;

/** What other recordings say of themselves; two different ones are needed, a visit may hold one. */
const OTHERS: readonly (readonly [reason: string, signs: readonly RegExp[]])[] = [
  [
    'it sounds like a telephone menu or an answering machine',
    [
      /\bpress (?:\w+|\d) (?:for|to)\b|\bfor \w[\w ]{2,40},? press\b/i,
      /\byour call (?:is important|may be (?:monitored|recorded))\b/i,
      /\b(?:leave a|after the) (?:message|tone|beep)\b/i,
      /\b(?:stay on the line|please hold|main menu|all of our (?:agents|representatives)|next available (?:agent|representative))\b/i,
      /\b(?:office hours|hours of operation|listen carefully|menu options)\b/i,
    ],
  ],
  [
    'it sounds like a broadcast',
    [
      /\b(?:podcasts?|this (?:week's )?episode|today's episode|episodes)\b/i,
      /\b(?:subscribe|listeners|viewers|tune in|stay tuned|follow us|like and subscribe)\b/i,
      /\b(?:our sponsors?|sponsored by|promo code|brought to you by|commercial break)\b/i,
      /\b(?:welcome (?:back )?to (?:the|our|another) (?:\w+ )?(?:show|podcast|program|episode|hour)|our guest|thanks for joining us|your host|on the show)\b/i,
    ],
  ],
  [
    'it sounds like a test of the microphone',
    [
      /\b(?:mic|microphone|sound|audio) (?:check|test)\b|\b(?:test|testing|check)\b(?=.*\b(?:microphone|mic|recording|audio)\b)/i,
      /\btest(?:ing)?,? (?:test(?:ing)?,? )*(?:one|1),? (?:two|2),? (?:three|3)\b/i,
      /\b(?:can you hear me|is this (?:thing )?on|is (?:it|this) recording)\b/i,
      /\btesting\b.*\btesting\b/i,
    ],
  ],
  [
    'it is filler text',
    [/\blorem ipsum\b/i, /\bdolor sit amet\b/i, /\bconsectetur\b/i, /\bquick brown fox\b/i, /\blazy dog\b/i],
  ],
];

const no = (reason: string): Consultation => ({ isConsultation: false, reason });

/** Dictations of a clinician count as consultations. */
export function checkConsultation({ segments }: Transcript): Consultation {
  // What recognisers write for noise is no speech.
  const raw = segments.map(({ text }) => text.replace(/[[(<][^\])>]*[\])>]/g, ' ')).join(' ');
  const said = clean(raw);
  const words = raw.toLowerCase().match(/[\p{L}\p{N}'-]+/gu) ?? [];
  if (words.length < WORDS_MIN) return no('hardly a word was said');
  const clinical = (said.match(CLINICAL) ?? []).length + mentionsIn(said).length;
  const share = (100 * clinical) / words.length;
  // A piece of a visit whose speakers are known may ask who will help at home.
  const isLabelled = segments.some(({ role }) => role === 'clinician') && words.length < 5 * WORDS_TELLING;
  for (const [reason, signs] of OTHERS) {
    const found = signs.filter((sign) => sign.test(said)).length;
    if (found >= 2 || (found === 1 && share < SHARE_MIN * 3 && !isLabelled)) return no(reason);
  }
  const distinct = new Set(words).size;
  if (words.length >= WORDS_TELLING && distinct < Math.min(20, words.length * DISTINCT_SHARE_MIN))
    return no('the same words are said over and over');
  const english = words.filter((word) => ENGLISH.test(word)).length / words.length;
  if (words.length >= 15 && english < ENGLISH_SHARE_MIN && share < SHARE_MIN * 5)
    return no('it is not speech in English');
  if (clinical === 0 && !isLabelled) return no('nothing about health is said');
  if (!PERSON.test(said) && segments.every(({ role }) => role === undefined))
    return no('nobody speaks of a patient');
  return words.length >= 2 * WORDS_TELLING && share < SHARE_MIN && !isLabelled
    ? no('hardly anything about health is said')
    : { isConsultation: true };
}
