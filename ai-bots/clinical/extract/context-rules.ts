/**
 * Words that say how a mention is meant, after the idea of NegEx and ConText (Chapman et al. 2001, Harkema et al. 2009):
 * each with its direction. `before` stands before what it speaks of, `behind` after it, `pseudo` looks like such a word
 * and is none, `end` closes the scope of those before it.
 */
import type { TraitName } from '../types.ts';

/** `finding` denies conditions only ("negative"): the test was done, and the drug is taken. `free` stands right behind. */
export type Category = 'negated' | 'finding' | 'free' | 'uncertain' | 'past' | 'stopped';
export interface ContextRule {
  readonly category: Category | 'all';
  /** `turn` ends the scope of a list that has begun: "no numbness, a little tingling". */
  readonly direction: 'before' | 'behind' | 'pseudo' | 'end' | 'turn';
}

export const TRAIT: Readonly<Record<Category, TraitName>> = {
  negated: 'NEGATION',
  finding: 'NEGATION',
  free: 'NEGATION',
  stopped: 'NEGATION',
  uncertain: 'HYPOTHETICAL',
  past: 'PAST_HISTORY',
};

type Row = readonly [category: ContextRule['category'], direction: ContextRule['direction'], phrases: string];

/** Each of the first with each of the others. */
const joined = (...parts: readonly (readonly string[])[]): string[] =>
  parts.reduce<string[]>((so, words) => so.flatMap((s) => words.map((w) => `${s} ${w}`.trim())), ['']);

/** "I don't think I've had": the verb behind is denied too. */
const OPINIONS = joined(
  ["don't", 'do not', "didn't", 'did not'],
  ['think', 'believe', 'feel like', 'suspect'],
  ['', 'that'],
  [
    ..."i have|i've had|i've ever had|i have had|i had|i'm having|i am having|i've been having|i've got|i was having|you have|you've had|you had|he has|he had|she has|she had|they have|they had|we have|it is|it's|it was|there is|there's|there is any sign of|there's any sign of|there are|there was|this is|that is|that's|these are|those are|i need|you need|he needs|she needs|we need".split(
      '|',
    ),
  ],
);

/** "To make sure you don't have": not known yet. */
const ASSURANCES = joined(
  ['make', 'making', 'be'],
  ['sure', 'certain'],
  ['', 'that'],
  [
    ..."you don't have|you do not have|you don't get|you aren't having|you're not having|he doesn't have|she doesn't have|we don't have|we're not missing|we are not missing|we aren't missing|i don't have|there is no|there's no|there isn't|there's not|there are no|there aren't|it's not|it is not|it isn't|this is not|this isn't|that's not|no".split(
      '|',
    ),
  ],
);

const ROWS: readonly Row[] = [
  [
    'negated',
    'before',
    `no|not|never|none of|without|denies|denied|denying|deny|free of|free from|absence of|lack of|lacks|neither|nor|nobody
    |don't|doesn't|didn't|haven't|hasn't|hadn't|isn't|aren't|wasn't|weren't|won't|wouldn't|couldn't|can't|cannot|ain't
    |no evidence of|no sign of|no history of|no complaint of|no known|no longer|no more|no new|no recent|no other|no prior|no need for
    |not have|not had|not having|not any|not been|not experiencing|never had|rid of|ruled out|rules out|nothing like|nothing to suggest|nothing concerning for
    |do not see|don't see|does not have|did not have|have not had|has not had|declines|zero|nil|not really any|fails to show|failed to show`,
  ],
  [
    'finding',
    'before',
    `negative|negative for|is negative for|was negative for|are negative for|were negative for|be negative for|been negative for|came back negative for|come back negative for
    |tested negative for|unremarkable for|no problems with|no problem with|no issues with|no issue with|no trouble with|no difficulty with|no concerns with|no concerns about`,
  ],
  [
    'negated',
    'behind',
    `is absent|are absent|absent|was ruled out|is ruled out
    |has been ruled out|have been ruled out|were ruled out|is unlikely|are unlikely|is gone|are gone|was gone|went away|has gone away|have gone away
    |has resolved|have resolved|is resolved|are resolved|resolved|cleared up|has cleared up|subsided|has subsided|have subsided|disappeared|has disappeared|have disappeared
    |not present|isn't present|is not present|is not there|are not there|not there anymore
    |is denied|was denied|denied|none|unlikely|no longer present|no longer an issue|no longer a problem|no longer the issue|no longer there
    |not needed|not necessary|not indicated|isn't needed|isn't necessary|probably not the case|not the case|wasn't the case`,
  ],
  ['finding', 'behind', `negative|is negative|was negative|are negative|were negative|came back negative`],
  ['free', 'behind', 'free'],
  [
    'negated',
    'pseudo',
    `no increase|no change|no changes|no complications|no problems during|no problems after|no issues during|no issues after
    |no issues with my|no issue with my|no issues with your|no problems with my|no problem with my|no problems with your|no problem with your|no trouble with my|not limited to|but not limited to|but are not limited to|never heard of|haven't heard of|don't see a point|don't see the point|don't see why|don't see how|not like me
    |zero being|no change in|no changes in|no improvement|no better|no worse|no relief|no relief from|no doubt|no problem
    |no wonder|no matter|no question|no idea|no luck|no issues with your medication|not only|not just|not well controlled
    |not going away|not as|not too|not drain|not feeling well|not feeling good|not feeling great|not feeling so|not doing well
    |not necessarily|not uncommon|not unusual|not the only|not to mention|not all|not every|not always|not enough
    |not getting any better|not bad|don't know if|don't know what|don't like|don't want|isn't going away|doesn't go away
    |won't go away|can't even|cannot be ruled out|not ruled out|can't be ruled out|not been ruled out|hasn't been ruled out
    |cannot rule out|can't rule out|not rule out|never goes away|never went away|never stops|never thought|never seen anyone
    |without a doubt|without any problem|isn't well controlled|isn't under control|not under control|not well|hasn't gone away
    |haven't gone away|not able to|wasn't able to|weren't able to|isn't able to|have not seen|haven't seen`,
  ],
  [
    'stopped',
    'before',
    `stopped|stop|stopping|quit|discontinued|discontinue|came off|went off|off of|take you off|took me off|taken off|taken me off|weaned off|hold your|hold the
    |avoid|not taking|no longer taking|not on|not currently taking|ran out of|get off|got off|stay away from|stay off|is off|am off|was off`,
  ],
  [
    'stopped',
    'pseudo',
    `non stop|can't stop|won't stop|not stop|doesn't stop|stop by|didn't stop|don't stop`,
  ],
  [
    'uncertain',
    'before',
    `if|whether or not|if you take|if i take|if you use|if you start|if you have|if you get|if you develop|in case|in case of|unless|should you|watch for|watch out for|look out for|looking for|look for|looking at possible
    |check for|checking for|checked for|check if|screen for|screening for|screen you for|test for|testing for|test you for|tested for|evaluate for|monitor for
    |rule out|ruling out|to rule out|worried about|worry about|concerned about|concerned for|concern for|concern about|concern is|concerning for|afraid of|i'm afraid of|i am afraid of|i'm afraid i have|i am afraid i have|afraid
    |scared of|fear of|risk of|risk for|risks of|risk include|risks include|other risks include|complications include|complication of|chance of|chances of|at risk|prone to
    |prevent|prevents|preventing|prevention of|protect against|protects against|avoid getting
    |might|might be|might be due to|may be due to|could be due to|could be from|might be from|might have|may be|may have|may get|may cause|may develop|may need|may represent|could be|could have|could cause|could get|could represent
    |could mean|could indicate|could develop|can be|can cause|can get|can lead to|would cause|would be|would have|possible|possibly|possibility of|potential
    |potentially|probable|probably|likely|most likely|suspect|suspected|suspicious for|suspicion of|suspicion for|question of|questionable|whether|not sure if|not sure whether
    |not sure it is|not sure that it is|don't know if it is|don't know if it's|don't know if that's|don't know if this is|don't know whether|don't know if i have|wonder if|wondering if|maybe|perhaps|presumed|appears to be|versus|differential
    |side effect|side effects|vaccine for|vaccinated for|vaccinated against|vaccinate|shot for|immunized against|immunity to|candidate for|would you like|consider|considering
    |used to treat|used to fight|to treat|usually used to|used for|treats|treatment for possible|signs of possible|symptoms of possible|called in for possible
    |cannot be ruled out|can't be ruled out|cannot rule out|can't rule out|think it could|thought it was|thought i had|thinks it might|typically causes|can happen|could happen
    |when you get|when people have|people with|patients with|anyone with|someone with|cause|as you get older|call me for|call for any|call us if|return if`,
  ],
  [
    'uncertain',
    'behind',
    `is possible|is a possibility|is likely|is suspected|is probable|may occur|could occur|can occur|can happen|could happen|cannot be ruled out|can't be ruled out
    |is a concern|is not ruled out|versus|as a possibility|is a risk|are rare|is rare`,
  ],
  [
    'uncertain',
    'pseudo',
    `i'm afraid|i am afraid|can you tell me if|could you tell me if|can you tell if|could you tell if|do you know if|as if|likely to be fine|causes me|caused by|because|i was wondering|if anything|if so|if not|if you can|if you could|if you don't mind|if i remember|if that counts|if possible|if okay|if it's okay
    |what causes|the cause|cause of|cause for|causing|causes|would say|would like to|would be good|could you|can you|used to treat your|used to treat my|likely due to|likely from|likely caused by|probably due to|probably from|probably caused by|most likely due to`,
  ],
  [
    'past',
    'before',
    `history of|past history of|past medical history of|prior|previous|previously|formerly|used to have|used to get|used to suffer from|in the past
    |had a previous|had a prior|when i was a kid|when i was a child|when i was younger|when i was little|when i was young|as a kid|as a child|as a baby|childhood
    |years ago|year ago|i did have|i had had|back in|back when|last year|remote|once had|in the past i|in the past you|had been|hx of|treated for in the past|status post|recovered from`,
  ],
  [
    'past',
    'behind',
    `years ago|year ago|as a kid|as a child|as a teenager|as a baby|in the past|when i was|when i was a kid|when i was a child|when i was younger|when i was little|when i was young|when i was a baby|when i was a teenager|when you were|when he was|when she was|back in|last year|in childhood|in high school|in college|in my twenties|in my teens|growing up|previously|decades ago|when i was young|that has resolved`,
  ],
  [
    'past',
    'pseudo',
    `family history of|no history of|day history of|week history of|month history of|year history of|hour history of|history of present|smoking history`,
  ],
  [
    'uncertain',
    'end',
    `because i|because i'm|because he|because she|because you|i am still|i'm still|i take|you take|i use|you can take|take|use|i'll give|we'll give|i'm going to|it's related to|it is related to|related to`,
  ],
  [
    'past',
    'end',
    `you do have|i do have|you have|i have|do have|you now have|currently|now|today|presents|presenting`,
  ],
  [
    'all',
    'end',
    `but|however|except|except for|although|though|aside from|apart from|other than|besides|whereas|then|who|which
    |still has|still have|still having|still get|and i|and i'm|and i've|and he|and she|and you|and you're|and we|and we're|and it|and it's|and there|and there's
    |and start|and take|and use|and try|and begin|and switch|and now|instead of`,
  ],
  [
    'negated',
    'end',
    `i have|i've had|i've been|i've got|i do have|i am having|i'm having|i had|i get|i got|i feel|i'm|i am|i take|i use|he has|she has|they have|he's had|she's had
    |you have|you do have|you've had|you're having|you are having|you are|there is|there's|there are|there was|it is|it's|that is|that's|this is|he is|she is|she's|he's
    |i appreciate|i do appreciate|i can appreciate|i see|i do see|i can see|i hear|i do hear|i feel|i do feel|i notice|i do notice|i noticed|you do|and your|and my|because i|because i'm|because he|because she|because you|i am still|i'm still
    |we can|we could|we may|we should|as much|as many|quite as|that much|too much|we're|we will|we'll|let's|because|because of|due to|since|when|while|until|for|from|some|does have|do have|did have|has some|have some|positive for|has been|so|just|only|rather|instead|yet|continue|cause of|cause|'cause`,
  ],
  [
    'negated',
    'turn',
    `positive|a little|a little bit|little bit|a bit of|a few|occasional|occasionally|sometimes|mild|slight|a lot of`,
  ],
  ['negated', 'before', OPINIONS.join('|')],
  ['uncertain', 'before', ASSURANCES.join('|')],
];

/** A phrase may have several rules: "no history of" denies, and is no word of the past. */
export const RULES: ReadonlyMap<string, readonly ContextRule[]> = rulesByPhrase();

function rulesByPhrase(): Map<string, ContextRule[]> {
  const rules = new Map<string, ContextRule[]>();
  for (const [category, direction, phrases] of ROWS)
    for (const phrase of phrases.split('|').map((text) => text.trim()))
      if (phrase !== '') rules.set(phrase, [...(rules.get(phrase) ?? []), { category, direction }]);
  return rules;
}
