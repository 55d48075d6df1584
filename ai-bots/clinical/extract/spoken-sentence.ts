/** A sentence with its words and what of the lexicon it mentions: read once, used by every rule. */
import { mentionsAmong, type Mention } from './lexicon.ts';
import { tokensOf, type Token } from './tokens.ts';

export interface SpokenSentence {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** In order, without overlap. */
  readonly mentions: readonly Mention[];
}

export function spokenSentence(text: string): SpokenSentence {
  const tokens = tokensOf(text);
  return { text, tokens, mentions: mentionsAmong(tokens, text) };
}
