/** What the clinician stated: an introduction, a finding, a judgement or something to be done. */
import { mentionsIn } from '../extract/index.ts';
import type { SectionName } from './section.ts';
import { clinicianVoice, type Pronouns } from './person.ts';
import { finish, stripLead } from './speech.ts';
import { BODY, clinical, FINDING, MEDICINE, RESULT, SMALL_TALK, SYMPTOM, VITALS } from './vocabulary.ts';

export type Phase = 'history' | 'exam' | 'plan';
export interface Statement {
  readonly section: SectionName;
  readonly text: string;
  /** The rules find it clinical; what they would drop is left to the selector. */
  readonly clinical: boolean;
}

const WILL = String.raw`(?:i(?:'m| am) (?:just |also |then )*going to|i(?:'ll| will)|we(?:'re| are) (?:just |also )*going to|we(?:'ll| will)|i(?: do| just| also| really| would)* want (?:you )?to|i(?:'d| would)(?: also| really| just)* like (?:you )?(?:to)?|i(?:'d| would) like (?:for )?you to|i need you to|let's|let us|i(?:'m| am) (?:prescribing|ordering)|we can(?: also)?|i can|we should|i would|i recommend(?: that)?(?: you)?|i suggest(?: that)?(?: you)?|please|make sure (?:that )?you|i want us to)`;
const INTENT = new RegExp(
  String.raw`(?:^|\b(?:and|so|that|then|,|but) )(${WILL}) (?:just |also |then |probably |actually |definitely |certainly )*(?:(?:go|going) ahead (?:and )?)?(?:just |also )*([a-z]+)\b(.*)$`,
  'i',
);
const ACTION =
  /^(?:start|restart|begin|prescribe|order|refer|increase|decrease|continue|stop|discontinue|add|give|put|place|send|schedule|repeat|check|get|obtain|recommend|keep|take|use|try|follow|see|have|avoid|rest|ice|elevate|wear|monitor|drink|apply|return|call|come|change|switch|taper|reduce|lower|hold|draw|perform|do|set|watch|weigh|limit|make|treat|consider|exercise|hydrate|wean|refill|inject|screen|test|run|cut|work|stay|increase|complete|finish|record|report|write|eat|lose|bring|consult|biopsy|remove|swab)$/i;
const PROBLEM =
  /^(?:(?:now|so|and|then|lastly|next|okay|also)[, ]+)*(?:for|with|regarding|as for|as far as) (?:your|the|his|her) (?:(?:first|second|third|fourth|next|last|other) (?:problem|issue|diagnosis|concern|thing)[,:]?\s*(?:of |is |being |with )?(?:your |the )?)?(?!you\b|i\b|i'm\b)([a-z0-9' -]{3,50}?)(?:,|:|$| (?=(?:i|i'm|i'd|we|we're|we'll|let's|you|it|that|continue|start)\b))\s*(.*)$/i;
const JUDGEMENT =
  /\b(?:(?:i|we) (?:do )?(?:think|believe|suspect|feel like)|looks like (?:you|it)|(?:this|that|it) (?:is|seems|sounds|looks) (?:like|to be|consistent)|(?:is|are|be|seems?) consistent with|most likely|likely|probably|you (?:may|might|probably|definitely) have|diagnosis|i'm concerned|i am concerned|signs of|i'm worried|suggests?|(?:your|the) \w+(?: \w+)? is (?:well |under |un|poorly )?(?:controlled|stable|doing well)|this is (?:an?|the) )/i;

/** Undefined for questions and for talk of the clinician's own self. */
export function clinicianStatement(spoken: string, phase: Phase, who: Pronouns): Statement | undefined {
  if (/\b(?:are|do|did|have) you\b/i.test(spoken)) return undefined;
  const plain = withoutThinking(spoken);
  const stated = stateOf(plain, phase, who);
  const text = withoutSpeaker(stated?.text ?? finding(plain, who));
  if (text === undefined) return undefined;
  return { section: stated?.section ?? LIKELY_SECTION[phase], text, clinical: stated !== undefined };
}

/** What no rule places belongs to the part of the visit in which it was said. */
const LIKELY_SECTION: Readonly<Record<Phase, SectionName>> = {
  history: 'history',
  exam: 'examination',
  plan: 'assessment',
};

const withoutThinking = (text: string): string =>
  text.replace(/\b(?:i|we) (?:do )?(?:think|believe)(?: that)? (?=\w)/gi, (all, at: number) =>
    at === 0 ? all : '',
  );

/** "I think this is sciatica", "you have pneumonia": a condition, not a finding. */
const names = (sentence: string): boolean =>
  (/^(?:this|that|it)(?: is|'s) (?:most |very )?(?:likely|probably|consistent)\b/i.test(sentence) &&
    clinical(sentence) > 0) ||
  (/^(?:i (?:think|believe|suspect)|this (?:is|looks|sounds)|you have|it looks like|looks like)\b/i.test(
    sentence,
  ) &&
    !/\b(?:exam|tenderness|pain|history|no)\b/i.test(sentence) &&
    mentionsIn(sentence).some(({ concept }) => concept.kind === 'problem'));

const SPEAKER = /\b(?:I|I'm|I've|I'd|I'll|me|my|we|we're|we've|we'll|we'd)\b/i;

/** What still speaks as "I" is talk, not record: the clauses before it stay, when they say something. */
function withoutSpeaker(text: string): string | undefined {
  const plain = text
    .replace(
      /,? (?:which|that|like|as) (?:I|we)(?:'ve|'d)? (?:have |had |just )?(?:talked|heard|discussed|said|mentioned|did|ordered|saw)\b[^,.]*/gi,
      '',
    )
    .replace(/^(?:I see|I notice|I know|I saw|I understand|I remember) (?:that )?(?:here )?(?:that )?/i, '')
    .replace(/\b(?:I|we) have (?:her|him|them|patient) on\b/gi, 'patient is on')
    .replace(/^We (?:did|got|have) (?=(?:an?|the|your) )/i, '')
    .replace(/^(?:I'm|I am) (?:a little )?(?:concerned|worried) (?:that|about) /i, 'Concern: ');
  const at = plain.search(SPEAKER);
  const kept =
    at < 0
      ? plain
      : plain
          .slice(0, at)
          .replace(/\b(?:and|that|so|which|because|but|if|when|what|as|for|to|like|why)\s*$/i, '');
  const sentence = finish(kept);
  return sentence.split(' ').length < (at < 0 ? 2 : 4) ? undefined : sentence;
}

type Stated = Omit<Statement, 'clinical'>;

function stateOf(sentence: string, phase: Phase, who: Pronouns): Stated | undefined {
  if (
    /\d+[ -]year[ -]old|past medical history|presents? (?:today|for|with|to)|here (?:today )?(?:for|with)/i.test(
      sentence,
    )
  )
    return { section: 'history', text: clinicianVoice(sentence, who) };
  const problem = PROBLEM.exec(sentence);
  const topic = problem !== null && clinical(problem[1] ?? '') > 0 ? (problem[1] ?? '') : undefined;
  const body = topic === undefined ? sentence : stripLead(problem?.[2] ?? '');
  const planned = plan(body, who);
  if (planned !== undefined && !SMALL_TALK.test(sentence))
    return { section: 'plan', text: topic === undefined ? planned : finish(`${topic}: ${planned}`) };
  if (SMALL_TALK.test(sentence) && sentence.length < 90) return undefined;
  if (topic !== undefined && phase !== 'history')
    return {
      section: 'assessment',
      text: body === '' ? finish(topic) : finish(`${topic}: ${judgement(body, who)}`),
    };
  if (names(sentence)) return { section: 'assessment', text: finish(judgement(sentence, who)) };
  if (examination(sentence, phase)) return { section: 'examination', text: finding(sentence, who) };
  if (phase !== 'exam' && JUDGEMENT.test(sentence) && clinical(sentence) > 0)
    return { section: 'assessment', text: finish(judgement(sentence, who)) };
  if (phase === 'history') return undefined;
  if (phase === 'exam') return undefined;
  if (clinical(sentence) > 1 || MEDICINE.test(sentence))
    return /\b(?:should|need to|can take|if you|until|follow|back in|weeks|months|daily|twice|once)\b/i.test(
      sentence,
    )
      ? { section: 'plan', text: clinicianVoice(sentence, who) }
      : { section: 'assessment', text: finish(judgement(sentence, who)) };
  return undefined;
}

/** "I'm going to start you on lisinopril" → "Start lisinopril." */
function plan(sentence: string, who: Pronouns): string | undefined {
  const match = INTENT.exec(sentence);
  if (match === null) return imperative(sentence, who);
  const verb = (match[2] ?? '').toLowerCase();
  if (!ACTION.test(verb)) return undefined;
  const rest = match[3] ?? '';
  if (
    !MEDICINE.test(rest) &&
    clinical(rest) === 0 &&
    !RESULT.test(rest) &&
    !/\b(?:weeks?|months?|days?|refer|specialist|-?ologist|therap|call|follow|hydrat|fluids?|rest|water)\b/i.test(
      `${verb}${rest}`,
    )
  )
    return undefined;
  if (
    /^(?:look|see|check|take|do|get|have)$/.test(verb) &&
    /^ (?:a |at |on )?(?:quick |little )?(?:look|listen|exam|physical|at your|you out|a listen)/i.test(rest)
  )
    return undefined;
  return clinicianVoice(tidyPlan(`${verb}${rest}`), who);
}

function imperative(sentence: string, who: Pronouns): string | undefined {
  const verb = /^(?:you (?:should|need to|can|could|may|must|have to) )(.*)$/i.exec(sentence);
  if (verb !== null && clinical(sentence) > 0)
    return clinicianVoice(
      `patient ${sentence.slice(4)}`
        .replace(/^patient need\b/, 'patient needs')
        .replace(/^patient have\b/, 'patient has'),
      who,
    );
  if (
    /^(?:take|continue|stop|start|increase|decrease|follow up|avoid|rest|drink|come back|return|call) /i.test(
      sentence,
    ) &&
    (clinical(sentence) > 0 || /\b(?:weeks?|months?|days?|if)\b/.test(sentence))
  )
    return clinicianVoice(tidyPlan(sentence), who);
  return undefined;
}

const tidyPlan = (text: string): string =>
  text
    .replace(
      /^(start|put|place|keep|continue|prescribe|give|send|refer|switch|get) you\b(?: (?:on|with|for)(?= )(?! (?:for|to)\b))?/i,
      (all, verb: string) =>
        /^(?:put|place|start)$/i.test(verb)
          ? 'start'
          : /^(?:continue|keep)$/i.test(verb)
            ? 'continue'
            : /^switch/i.test(verb)
              ? all.replace(' you', '')
              : verb,
    )
    .replace(/^see you (?:back )?/i, 'follow up ')
    .replace(/^have you (?=see|come|follow|return|go|get|take|do|start)/i, 'patient to ')
    .replace(/\s*,?\s*\bokay\b.*$/i, '')
    .replace(/\s*,?\s*\b(?:for you|here today|as well)\s*$/i, '');

const examination = (sentence: string, phase: Phase): boolean =>
  (VITALS.test(sentence) &&
    /\d|\b(?:over|normal|good|stable|hundred|ninety|eighty|seventy|sixty)\b/i.test(sentence) &&
    phase !== 'plan') ||
  (/\b(?:exam|examination)\b/i.test(sentence) &&
    (FINDING.test(sentence) || BODY.test(sentence)) &&
    phase !== 'plan') ||
  (phase !== 'plan' && FINDING.test(sentence) && (BODY.test(sentence) || phase === 'exam')) ||
  (RESULT.test(sentence) &&
    /\b(?:shows?|showed|normal|negative|positive|elevated|high|low|results?|reveals?|was|is|look|looks|evidence|fracture)\b/i.test(
      sentence,
    ) &&
    !/\b(?:order|if)\b/i.test(sentence)) ||
  (phase === 'exam' && SYMPTOM.test(sentence) && BODY.test(sentence));

/** "On your heart exam I do appreciate a murmur" → "Heart exam: a murmur." */
function finding(sentence: string, who: Pronouns): string {
  const text = sentence
    .replace(
      /^.{0,60}?\b(?:looking (?:here )?at|reviewing|in reviewing|let's look at) (?:the results of )?(?:your|the) ([a-z0-9' -]+?)(?: here)?(?: in the office)?,\s*/i,
      '$1: ',
    )
    .replace(/\b(?:on|for|with) (?:your|the) ((?:[a-z]+ ){0,3}?exam(?:ination)?)\b[\s,]*/i, '$1: ')
    .replace(/\bi (?:do not|don't) (?:really )?(?:appreciate|see|hear|feel|notice|detect)(?: any)?\b/gi, 'no')
    .replace(/\b(?:there(?:'s| is| are)|you have|you do have|i) no(?:t any)?\b/gi, 'no')
    .replace(
      /\bi (?:do |also |can |just )*(?:appreciate|see|hear|notice|feel|note)(?: that)?(?: there(?:'s| is| are))?\b\s*(?:some )?/gi,
      '',
    )
    .replace(/:\s*(?:you (?:do )?have|there(?:'s| is| are)|your) /gi, ': ');
  return clinicianVoice(text, who);
}

const judgement = (sentence: string, who: Pronouns): string =>
  clinicianVoice(
    sentence
      // What the clinician only thinks stays a supposition.
      .replace(
        /^(?:so )?(?:i|we) (?:do )?(?:think|believe|feel)(?: that)? (?:you (?:do )?have|this is|that is|that's|it is|it's) (?:an? )?/i,
        'Likely ',
      )
      .replace(/^(?:so )?(?:i|we) (?:do )?(?:think|believe|feel)(?: that)? /i, 'Likely: ')
      .replace(/^what i think(?: is)?(?: that)? /i, '')
      .replace(/^you have (?=an? |some |the )/i, '')
      .replace(/^i suspect(?: that)? /i, 'Suspected: '),
    who,
  );
