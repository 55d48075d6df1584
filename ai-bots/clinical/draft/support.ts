/** The last check of a drafted sentence: its numbers, drugs and conditions are in the segments that it names. */
import { mentionsIn } from '../extract/index.ts';
import { clean } from '../transcript/index.ts';
import type { Transcript } from '../types.ts';
import { numbersSaid } from './numbers.ts';

const NUMBER =
  /\d+(?:[.,]\d+)*|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|half|once|twice)\b/gi;

interface Sourced {
  readonly text: string;
  readonly source: readonly string[];
}

const numbers = (text: string): string[] => text.toLowerCase().match(NUMBER) ?? [];
const concepts = (text: string): string[] => mentionsIn(text).map(({ concept }) => concept.name);

/** Numbers as they were said, and in digits what a run of number words says: "thirty two" is 32, neither 30 nor 2. */
function available(spoken: string): Set<string> {
  const plain = clean(spoken);
  return new Set([
    ...numbers(spoken),
    ...numbers(plain),
    ...numbersSaid(plain).flatMap(({ value }) => value ?? []),
  ]);
}

/** A sentence that fails is a fault of the rewriting: it is left out rather than shown. */
export function supportedBy(transcript: Transcript): (drafted: Sourced) => boolean {
  const said = new Map(transcript.segments.map((s) => [s.id, s.text]));
  return ({ text, source }) => {
    const spoken = source.map((id) => said.get(id) ?? '').join(' \n ');
    const [saidNumbers, saidConcepts] = [available(spoken), new Set(concepts(spoken))];
    return numbers(text).every((n) => saidNumbers.has(n)) && concepts(text).every((c) => saidConcepts.has(c));
  };
}
