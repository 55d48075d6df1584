/** Questions, and what their answers make of them. */

const LEAD = String.raw`(?:(?:and|so|okay|ok|alright|all right|now|then|um|uh|well|yeah|right|good|great|also|but|i see)[,.\s]+)*`;
/** "…, okay?" asks for consent, not about what was said. */
const CONSENT =
  /(?:^|[,.\s-])(?:okay|ok|alright|all right|you know|sound good|does that (?:sound|make|seem)\b[^?]*|is that (?:okay|all right)|you see|sir|ma'am|remember)\s*\?\s*$/i;
const ASKS = new RegExp(
  String.raw`^${LEAD}(?:do|does|did|have you|has|had you|any|anything|anyone|are you|are there|is there|is it|is that|was there|were|how about|what about|(?:how|what|when|where|which|who|why)(?:'s| (?:(?:about|long|often|much|many|bad|kind of|type of|other|else) )?(?:\w+ )?(?:do|does|did|is|are|was|were|have|has|had|can|could|would|will)(?:n't)?)|is|are|was|were|can you|could you|would you|don't you|haven't you|no other)\b`,
  'i',
);
/** A turn that was written down without punctuation starts as a question and goes on as a report. */
const RUN_ON_WORDS = 20;

export function isQuestion(sentence: string): boolean {
  const text = sentence.trim();
  if (text.endsWith('?')) return !CONSENT.test(text) || ASKS.test(text);
  return ASKS.test(text) && text.split(' ').length <= RUN_ON_WORDS;
}

const CONFIRMS =
  /\b(?:right|correct|is that (?:right|correct)|isn't it|aren't you|don't you|doesn't it|is that so|yes|yeah)\s*\?\s*$/i;

/** "You have asthma, right?" states, unless it is denied. */
export const isConfirmation = (sentence: string): boolean => CONFIRMS.test(sentence.trim());

const OPEN = new RegExp(
  String.raw`^${LEAD}(?:how (?:long|often|much|many|do|did|does|would|is|are|was|were|bad|severe|old|has|have)|what(?! about)|when|where|which|who|why|what's|do you know (?:what|which|when|where|who|how|why)|(?:can|could|would) you (?:please )?(?:tell|describe|explain|show|rate|walk)(?! (?:me |us )?(?:if|whether)\b))\b`,
  'i',
);

/** Asks for more than yes or no: its answer neither affirms nor denies. */
export const isOpenQuestion = (sentence: string): boolean => OPEN.test(sentence.trim());

const ASKS_INSIDE =
  /\b(?:(?:do|did) you (?:have|get|feel|notice|experience|ever)|have you (?:had|noticed|been|ever|experienced|felt|got|any)|are you (?:having|experiencing|taking|feeling)|(?:is|are|was|were) there any|(?<!\b(?:never|not|no|without|\w+n't)(?: \w+){0,3} )any (?:other )?(?:symptoms|history|issues|problems)\b)/gi;
const ASKED_CHARACTERS = 90;

/** In a turn without punctuation: the question that the mention at `start` belongs to. */
export function isAskedInside(sentence: string, start: number): boolean {
  const before = sentence.slice(Math.max(0, start - ASKED_CHARACTERS), start);
  const last = [...before.matchAll(ASKS_INSIDE)].at(-1);
  if (last === undefined) return false;
  return !/\b(?:okay|no|nope|yes|yeah|i see|i know|you have|you had|you said|you mentioned|you're|so your|because|i'm going|we're|i want|let's|[.;!?])/i.test(
    before.slice(last.index + last[0].length),
  );
}

export type Answer = 'yes' | 'no' | 'unclear';

const FILLERS = String.raw`^(?:(?:uh|um|oh|ah|well|hmm|okay|so|and|honestly|actually|doctor|you know|i mean|i would say|i'd say|i want to say|thankfully|fortunately|luckily|thank (?:god|goodness)|knock on wood|yeah(?=,? no\b))[,.\s]+)*`;
/** "I don't know", "not sure", "no idea": neither. */
const OF_THE_MIND = String.raw`(?:really |quite |even )?(?:know(?! of)|remember(?! any| having| ever)|recall(?! any| having| ever)|understand|sure|certain)\b`;
const NO = new RegExp(
  [
    String.raw`no\b(?! (?:idea|clue|doubt|more than))`,
    String.raw`nope|nah|nuh-uh|uh-uh|huh-uh|mm-mm|none|never|nothing|neither|nobody|negative`,
    String.raw`not (?:really(?! sure)|that i|that we|that (?:he|she)|at all|any|anymore|yet|recently|currently|right now|at the moment|now|today|so far|lately|a single|one|to my|in my|as far as)`,
    String.raw`(?:i|we|he|she|they|it|there)(?:'ve|'s|'d)? (?:(?:do|did|have|has|had|am|is|was|would) )?(?:not|never|no)\b(?! (?:${OF_THE_MIND}|only|just|longer|more))`,
    String.raw`(?:(?:i|we|he|she|they|it|there) )?(?:don't|doesn't|didn't|haven't|hasn't|hadn't|isn't|wasn't)\b(?! ${OF_THE_MIND})`,
    String.raw`i can't say|i(?:'m| am) not\b(?! ${OF_THE_MIND})|(?:he|she)'s not\b`,
    String.raw`(?:absolutely|definitely|certainly|of course|probably) not`,
  ]
    .map((words) => `${FILLERS}(?:${words})`)
    .join('|'),
  'i',
);
const YES = new RegExp(
  String.raw`${FILLERS}(?:yes|yeah|yep|yup|yah|yea|sure|correct|exactly|right|absolutely|of course|that's (?:right|correct|true)|that is (?:right|correct)|a (?:little|bit|few|lot)|some(?:times)?\b|occasionally|definitely|certainly|unfortunately|i (?:do|have|did|am|was|think so|believe so|guess so|still)\b(?! (?:not|no|never))|i've (?:been|had)|it (?:does|is|has)\b(?! (?:not|no|never))|(?:he|she) (?:does|is|has|did)\b(?! (?:not|no|never))|mm-?hmm|uh-?huh|quite|always|often|every|very|kind of|mostly|only when|just when|just a)`,
  'i',
);

/** "No, but …" denies what was asked all the same. */
export function answerOf(reply: string): Answer {
  if (NO.test(reply.trim())) return 'no';
  return YES.test(reply.trim()) ? 'yes' : 'unclear';
}

const NEGATIVELY = new RegExp(
  String.raw`^${LEAD}(?:no|never|nothing|(?:you|he|she|they|it|there)(?:'re|'s|'ve| are| is| have| has)? (?:not|never|no|haven't|hasn't|don't|doesn't|didn't|deny|denies|denied|isn't|aren't|wasn't|weren't)|there'(?:s|re) no)\b`,
  'i',
);
const AGREES = new RegExp(
  String.raw`${FILLERS}(?:correct|right|exactly|true|that's (?:right|correct|true)|that is (?:right|correct|true)|you got it|(?:yes|yeah|yep),? (?:that's|that is|you're) (?:right|correct|true))\b`,
  'i',
);
/** "No fever?" – "Yes, I do." */
const OBJECTS = new RegExp(
  String.raw`${FILLERS}(?:(?:yes|yeah|yep)[,.\s]+)?(?:i (?:do|did|have|am|was)\b|i've\b|some|a (?:little|bit|few|lot)|he (?:does|has)|she (?:does|has)|actually)`,
  'i',
);

/** "No fevers?", "you haven't had a fever?": agreeing denies, and a bare "yes" may mean either. */
export const isAskedNegatively = (sentence: string): boolean => NEGATIVELY.test(sentence.trim());

/** To a question that denies. */
export function answerToDenial(reply: string): Answer {
  if (AGREES.test(reply.trim()) || answerOf(reply) === 'no') return 'no';
  return OBJECTS.test(reply.trim()) ? 'yes' : 'unclear';
}

/** "How about your back?" – "It is improving." */
export const tellsOfChange = (reply: string): boolean =>
  new RegExp(
    String.raw`${FILLERS}(?:it|that|they)(?:'s| is| are|'re| has been| have been) (?:still |been |gotten |getting |much |a (?:little|bit|lot) |so )*(?:better|worse|improv\w+|the same|about the same|bad|there)\b`,
    'i',
  ).test(reply.trim());
