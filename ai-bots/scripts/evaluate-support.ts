/** Whether the sources of each drafted sentence hold what it says. */
import { mentionsIn } from '../clinical/extract/index.ts';
import type { DraftedNote, Transcript } from '../clinical/index.ts';

/** One sentence a line. */
export const noteText = (note: DraftedNote): string =>
  note.sections.map((s) => [s.title, ...s.sentences.map(({ text }) => text)].join('\n')).join('\n');

const NUMBER =
  /\d+(?:[.,]\d+)*|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|half|once|twice)\b/gi;

const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

/** Ways to say a number: 132 is "one hundred (and) thirty two" and "one thirty two". Written the other way round than the drafter reads. */
function spoken(value: string): string[] {
  const [whole = '', fraction] = value.split('.');
  if (fraction !== undefined)
    return spoken(whole).map((say) => `${say} point ${[...fraction].map((d) => ONES[Number(d)]).join(' ')}`);
  const n = Number(whole);
  if (n < 20) return [ONES[n] ?? ''];
  if (n < 100) return [`${TENS[Math.floor(n / 10)]}${n % 10 === 0 ? '' : ` ${ONES[n % 10]}`}`];
  const rest = (unit: number): string[] =>
    n % unit === 0 ? [''] : spoken(String(n % unit)).flatMap((say) => [` ${say}`, ` and ${say}`]);
  const large = n < 1000 ? ([100, 'hundred'] as const) : ([1000, 'thousand'] as const);
  const heads = [...spoken(String(Math.floor(n / large[0]))), ...(n < 2 * large[0] ? ['a', ''] : [])];
  const full = heads.flatMap((head) => rest(large[0]).map((tail) => `${head} ${large[1]}${tail}`.trim()));
  const pairs = n % 100 >= 10 ? spoken(String(Math.floor(n / 100))).flatMap((a) => spoken(String(n % 100)).map((b) => `${a} ${b}`)) : []; // prettier-ignore
  // "fifteen hundred".
  const hundreds = n < 10_000 && n % 100 === 0 && n % 1000 !== 0 ? spoken(String(n / 100)).map((a) => `${a} hundred`) : []; // prettier-ignore
  return [...full, ...pairs, ...hundreds];
}

/** As a whole: "thirty two" says 32, and neither 30 nor 2. */
const isSpoken = (value: string, said: string): boolean =>
  spoken(value).some((form) =>
    [...said.matchAll(new RegExp(String.raw`(?:(\S+) )?\b${form}\b(?: (\S+))?`, 'g'))].some(
      ([, before = '', behind = '']) => !NUMBER_WORD.test(before) && !NUMBER_WORD.test(behind),
    ),
  );

const NUMBER_WORD = new RegExp(`^(?:${[...ONES, ...TENS.slice(2), 'hundred', 'thousand'].join('|')})$`);

/** Numbers, in digits or words, of a sentence that none of its source segments says. */
export function unsupportedNumbers(note: DraftedNote, transcript: Transcript): string[] {
  const said = new Map(transcript.segments.map((s) => [s.id, s.text.toLowerCase()]));
  return note.sections.flatMap(({ sentences }) =>
    sentences.flatMap(({ text, source }) => {
      const texts = source.map((id) => said.get(id) ?? '');
      const available = new Set(texts.flatMap((words) => words.match(NUMBER) ?? []));
      // "ninety eight . four" is how some transcribers write the point.
      const plain = texts
        .flatMap((words) => [words.replace(/[^a-z0-9]+/g, ' '), words.replace(/ \. /g, ' point ')])
        .map((words) => words.replace(/\b(\w+)( \1\b)+/g, '$1'));
      return (text.toLowerCase().match(NUMBER) ?? []).filter(
        (number) =>
          !available.has(number) &&
          !(/^[\d.]+$/.test(number) && plain.some((words) => isSpoken(number, words))),
      );
    }),
  );
}

/** Problems, symptoms and drugs of the lexicon that a sentence names and none of its source segments. */
export function unsupportedConcepts(note: DraftedNote, transcript: Transcript): string[] {
  const said = new Map(transcript.segments.map((s) => [s.id, s.text]));
  return note.sections.flatMap(({ sentences }) =>
    sentences.flatMap(({ text, source }) => {
      const spoken = source.map((id) => said.get(id) ?? '').join('\n');
      const available = new Set(mentionsIn(spoken).map(({ concept }) => concept.name));
      return mentionsIn(text).flatMap(({ concept }) => (available.has(concept.name) ? [] : [concept.name]));
    }),
  );
}
