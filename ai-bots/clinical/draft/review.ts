/** The review of systems and the chief complaint: symptoms of the drafted sentences, named once more where readers look for them. */
import { mentionsIn, type Mention } from '../extract/index.ts';

export interface Written {
  readonly text: string;
  /** Ids of the segments, in order. */
  readonly source: readonly string[];
}

/** The first that fits; a symptom of no system is left to the history. */
const SYSTEMS: readonly (readonly [string, RegExp])[] = [
  ['Cardiovascular', /chest pain|chest tight|palpitation|faint|leg swelling|heart/],
  ['Respiratory', /cough|breath|wheez|sputum|phlegm/],
  [
    'Gastrointestinal',
    /nausea|vomit|diarrhea|constipat|abdom|stomach|bloat|stool|heartburn|reflux|swallow|appetite/,
  ],
  ['Genitourinary', /urin|bladder|vaginal|menstru|period/],
  ['Neurological', /headache|dizz|numb|tingl|weakness|seizure|tremor|memory|confusion/],
  ['Psychiatric', /depress|anxi|insomnia|sleep|mood|stress|suicid/],
  ['Ears, nose, mouth and throat', /throat|nose|nasal|congest|ear pain|sneez|hearing|sinus/],
  ['Eyes', /vision|eye/],
  ['Skin', /rash|itch|hives|skin|bruis/],
  ['Musculoskeletal', /pain|joint|muscle|swelling|stiff|back|cramp/],
  ['Constitutional', /fever|chill|fatigue|weight|sweat|tired/],
];

const systemOf = (name: string): string | undefined => SYSTEMS.find(([, words]) => words.test(name))?.[0];

const DENIES = /^(?:The patient|She|He) denies /;
/** Only what is plainly reported: no "no", no "if", no relative, no past. */
const UNCERTAIN =
  /\b(?:no|not|never|without|denies|if|mother|father|brother|sister|family|used to|history|ago|last|years?|better|resolved|gone|worried|concern)\b/i;

interface Finding extends Written {
  readonly system: string;
  readonly verb: 'Denies' | 'Reports';
}

function findings({ text, source }: Written): Finding[] {
  const verb = DENIES.test(text) ? 'Denies' : UNCERTAIN.test(text) ? undefined : 'Reports';
  if (verb === undefined || (verb === 'Denies' && /\b(?:but|except)\b/i.test(text))) return [];
  return mentionsIn(text).flatMap(({ concept }) => {
    const system = concept.kind === 'symptom' ? systemOf(concept.name) : undefined;
    return system === undefined ? [] : [{ system, verb, text: concept.name, source }];
  });
}

/** "Respiratory: Denies cough or shortness of breath." Contradictions stay in the history alone. */
export function reviewOfSystems(history: readonly Written[]): Written[] {
  const all = history.flatMap(findings);
  const denied = new Set(all.filter((f) => f.verb === 'Denies').map((f) => f.text));
  const reported = new Set(all.filter((f) => f.verb === 'Reports').map((f) => f.text));
  const clear = all.filter(({ text }) => !(denied.has(text) && reported.has(text)));
  return [...Map.groupBy(clear, ({ system }) => system)].map(([system, own]) => {
    const list = (verb: Finding['verb'], last: string): string[] => {
      const names = [...new Set(own.filter((f) => f.verb === verb).map(({ text }) => text))];
      const [end = '', ...rest] = names.toReversed();
      if (end === '') return [];
      const start = rest.toReversed().join(', ');
      return [`${verb} ${start === '' ? end : `${start} ${last} ${end}`}.`];
    };
    return {
      text: `${system}: ${[...list('Reports', 'and'), ...list('Denies', 'or')].join(' ')}`,
      source: [...new Set(own.flatMap(({ source }) => source))],
    };
  });
}

const PRESENTS =
  /\b(?:presents?|here|in)\s+(?:here )?(?:today )?(?:for|with) (?:evaluation of |follow ?-?up (?:of|for) )?((?:an? |some |his |her |their )?[a-z][a-z' -]{3,50}?)(?:\.|,| (?:that|which|after|because|for the|since)\b|$)/i;
const SIDE = /\b((?:(?:left|right|lower|upper|bilateral|chronic|acute|severe) )+)$/i;

/** What the visit is about: the reason that was named, or the first symptom or problem. */
export function chiefComplaint(history: readonly Written[]): Written[] {
  for (const { text, source } of history) {
    if (DENIES.test(text)) continue;
    const named = PRESENTS.exec(text)?.[1]?.replace(/^(?:an?|some|his|her|their) /i, '');
    if (named !== undefined) return [{ text: sentence(named), source }];
    const mention = UNCERTAIN.test(text) ? undefined : mentionsIn(text).find(isComplaint);
    if (mention !== undefined)
      return [
        { text: sentence(`${SIDE.exec(text.slice(0, mention.start))?.[1] ?? ''}${mention.text}`), source },
      ];
  }
  return [];
}

const isComplaint = ({ concept }: Mention): boolean => concept.kind !== 'drug';
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1).trim()}.`;
