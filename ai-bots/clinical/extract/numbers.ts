/** Spoken numbers as digits: "one thirty two over eighty" → "132 over 80", "ninety eight point six" → "98.6". */

const UNITS: Readonly<Record<string, number>> = {
  zero: 0,
  oh: 0,
  o: 0,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
};
const TEENS: Readonly<Record<string, number>> = {
  ten: 10,
  eleven: 11,
  twelve: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
};
const TENS: Readonly<Record<string, number>> = {
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
};

interface Parsed {
  readonly value: string;
  /** Words used. */
  readonly length: number;
}

/** Only a run of words that is a number changes; digits stay. */
export function digitsOf(text: string): string {
  const words = text.split(/([\s-]+)/);
  const out: string[] = [];
  for (let i = 0; i < words.length;) {
    const run = words.slice(i, i + 17).filter((_, k) => k % 2 === 0);
    const isBetweenWords = i % 2 === 1;
    const parsed = isBetweenWords ? undefined : numberAt(run.map(plain));
    const last = parsed === undefined ? undefined : run[parsed.length - 1];
    if (parsed === undefined || last === undefined) {
      out.push(words[i] ?? '');
      i++;
      continue;
    }
    out.push(parsed.value + (/[.,;:?!%]+$/.exec(last)?.[0] ?? ''));
    i += 2 * parsed.length - 1;
  }
  return out.join('');
}

/** A comma or a full stop ends a number: nothing follows such a word. */
const plain = (word: string): string => word.toLowerCase();

function numberAt(words: readonly string[]): Parsed | undefined {
  const at = (i: number): string =>
    i > 0 && /[.,;:?!]$/.test(words[i - 1] ?? '') ? '' : (words[i] ?? '').replace(/[.,;:?!%]+$/, '');
  // "Oh" and "o" open no number.
  if (at(0) === 'oh' || at(0) === 'o') return undefined;
  const whole = at(0) === 'a' && at(1) === 'hundred' ? hundreds(1, 1, at) : wholeAt(at);
  if (whole === undefined) return undefined;
  if (at(whole.length) !== 'point' || UNITS[at(whole.length + 1)] === undefined)
    return { value: String(whole.value), length: whole.length };
  let [decimals, i] = ['', whole.length + 1];
  for (; UNITS[at(i)] !== undefined; i++) decimals += String(UNITS[at(i)]);
  return { value: `${whole.value}.${decimals}`, length: i };
}

interface Whole {
  readonly value: number;
  readonly length: number;
}

function wholeAt(at: (i: number) => string): Whole | undefined {
  const first = smallAt(at, 0);
  if (first === undefined) return undefined;
  if (at(first.length) === 'hundred') return hundreds(first.value, first.length, at);
  if (first.value < 1 || first.value > 9) return first;
  const isOh = /^(?:oh|o|zero)$/.test(at(1));
  const second = isOh ? smallAt(at, 2) : smallAt(at, 1);
  if (second === undefined) return first;
  // "One thirty two", "one oh two"; "one two" are two numbers.
  if (isOh ? second.value < 10 : second.value >= 10)
    return { value: first.value * 100 + second.value, length: (isOh ? 2 : 1) + second.length };
  return first;
}

function hundreds(count: number, length: number, at: (i: number) => string): Whole {
  const skip = at(length + 1) === 'and' ? 2 : 1;
  const rest = smallAt(at, length + skip);
  return rest === undefined
    ? { value: count * 100, length: length + 1 }
    : { value: count * 100 + rest.value, length: length + skip + rest.length };
}

function smallAt(at: (i: number) => string, i: number): Whole | undefined {
  const ten = TENS[at(i)];
  if (ten !== undefined) {
    const unit = UNITS[at(i + 1)];
    return unit !== undefined && unit > 0 ? { value: ten + unit, length: 2 } : { value: ten, length: 1 };
  }
  const value = TEENS[at(i)] ?? UNITS[at(i)];
  return value === undefined ? undefined : { value, length: 1 };
}
