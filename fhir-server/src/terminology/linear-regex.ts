/**
 * Regular expressions of value set filters (https://hl7.org/fhir/R4/valueset-filter-operator.html), matched in time that grows
 * with the length of the text only: anyone who may write a value set can send one, and the engine of the language takes time
 * without end for some. What it understands is the part of XML Schema's that has no look-around and no back-references.
 */
import { badRequest } from '../fhir/outcome.ts';

type Test = (char: string) => boolean;
/** `next` and `other` are places in the program; a test consumes one character, a split goes both ways. */
type Step =
  | { readonly kind: 'test'; readonly test: Test; next: number }
  | { readonly kind: 'split'; next: number; other: number }
  | { readonly kind: 'end' };
type Node =
  | { readonly kind: 'char'; readonly test: Test }
  | { readonly kind: 'sequence'; readonly of: readonly Node[] }
  | { readonly kind: 'choice'; readonly of: readonly Node[] }
  | Repeat;
interface Repeat {
  readonly kind: 'repeat';
  readonly of: Node;
  readonly min: number;
  readonly max: number;
}

const LENGTH_MAX = 1_000;
const STEPS_MAX = 5_000;
const DEPTH_MAX = 50;

/** Whether the whole text matches. Throws 400 for what is not understood or too long. */
export function linearRegex(pattern: string): (text: string) => boolean {
  const program = programOf(pattern);
  return (text) => run(program, text);
}

/** How many places a character of the text may be looked at in. Throws as linearRegex does. */
export const regexSteps = (pattern: string): number => programOf(pattern).length;

function programOf(pattern: string): readonly Step[] {
  if (pattern.length > LENGTH_MAX)
    throw badRequest(`The regular expression of a value set's filter has at most ${LENGTH_MAX} characters`);
  return compile(new Parser(pattern).parse());
}

class Parser {
  readonly #chars: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(pattern: string) {
    this.#chars = [...pattern];
  }

  parse(): Node {
    // The whole text has to match in any case.
    if (this.#chars[0] === '^') this.#at = 1;
    const node = this.#choice();
    if (this.#at < this.#chars.length) throw this.#refuse();
    return node;
  }

  #choice(): Node {
    const of = [this.#sequence()];
    while (this.#take('|')) of.push(this.#sequence());
    return of.length === 1 ? of[0]! : { kind: 'choice', of };
  }

  #sequence(): Node {
    const of: Node[] = [];
    for (let char = this.#peek(); char !== undefined && char !== '|' && char !== ')'; char = this.#peek()) {
      if (char === '$' && this.#at === this.#chars.length - 1) {
        this.#at += 1;
        break;
      }
      of.push(this.#repeated(this.#atom()));
    }
    return { kind: 'sequence', of };
  }

  #repeated(of: Node): Node {
    const [min, max] = this.#quantifier() ?? [1, 1];
    if (min === 1 && max === 1) return of;
    // Whether it takes little or much at first makes no difference for the whole text.
    this.#take('?');
    return { kind: 'repeat', of, min, max };
  }

  #quantifier(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    if (!this.#take('{')) return undefined;
    const found = /^(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#chars.slice(this.#at, this.#at + 12).join(''));
    if (!found) throw this.#refuse();
    this.#at += found[0].length;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === '' ? Infinity : Number(found[3]);
    if (max < min) throw this.#refuse();
    return [min, max];
  }

  #atom(): Node {
    const char = this.#chars[this.#at++]!;
    if (char === '(') return this.#group();
    if (char === '[') return { kind: 'char', test: this.#class() };
    if (char === '.') return { kind: 'char', test: (c) => c !== '\n' && c !== '\r' };
    if (char === '\\') return { kind: 'char', test: this.#escape() };
    if ('*+?{}^$]'.includes(char)) throw this.#refuse();
    return { kind: 'char', test: (c) => c === char };
  }

  #group(): Node {
    if (this.#take('?') && !this.#take(':')) throw this.#refuse();
    if (++this.#depth > DEPTH_MAX) throw this.#refuse();
    const of = this.#choice();
    if (!this.#take(')')) throw this.#refuse();
    this.#depth -= 1;
    return of;
  }

  #escape(): Test {
    const char = this.#chars[this.#at++];
    const known = char === undefined ? undefined : ESCAPES[char];
    if (known !== undefined) return known;
    if (char === undefined || /[\p{L}\p{N}]/u.test(char)) throw this.#refuse();
    return (c) => c === char;
  }

  #class(): Test {
    const isNegated = this.#take('^');
    const tests: Test[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      const char = this.#chars[this.#at++];
      if (char === undefined || char === '[' || (first && char === ']')) throw this.#refuse();
      if (char === '\\' && ESCAPES[this.#peek() ?? ''] !== undefined) tests.push(this.#escape());
      else tests.push(this.#range(char === '\\' ? this.#literal() : char));
    }
    this.#at += 1;
    return (c) => tests.some((test) => test(c)) !== isNegated;
  }

  #range(from: string): Test {
    const isRange = this.#peek() === '-' && this.#chars[this.#at + 1] !== ']';
    if (!isRange) return (c) => c === from;
    this.#at += 1;
    const char = this.#chars[this.#at++];
    const to = char === '\\' ? this.#literal() : char;
    if (to === undefined || to === '[' || to < from) throw this.#refuse();
    return (c) => c >= from && c <= to;
  }

  #literal(): string {
    const char = this.#chars[this.#at++];
    if (char === undefined || /[\p{L}\p{N}]/u.test(char)) throw this.#refuse();
    return char;
  }

  #peek = (): string | undefined => this.#chars[this.#at];

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at += 1;
    return true;
  }

  #refuse = () =>
    badRequest(`The regular expression of a value set's filter is not understood at character ${this.#at}`);
}

const ESCAPES: Readonly<Record<string, Test>> = {
  d: (c) => /\d/.test(c),
  D: (c) => !/\d/.test(c),
  w: (c) => /[\p{L}\p{N}_]/u.test(c),
  W: (c) => !/[\p{L}\p{N}_]/u.test(c),
  s: (c) => /\s/.test(c),
  S: (c) => !/\s/.test(c),
  t: (c) => c === '\t',
  n: (c) => c === '\n',
  r: (c) => c === '\r',
};

function compile(node: Node): readonly Step[] {
  const program: Step[] = [];
  let emitted = 0;
  const push = <S extends Step>(step: S): S => {
    program.push(step);
    return step;
  };
  const split = () => push({ kind: 'split', next: program.length + 1, other: 0 });
  const emit = (of: Node): void => {
    // Counted before anything is written: what is repeated may be empty.
    if (++emitted > STEPS_MAX)
      throw badRequest(`The regular expression of a value set's filter is too large`);
    if (of.kind === 'char') push({ kind: 'test', test: of.test, next: program.length + 1 });
    else if (of.kind === 'sequence') of.of.forEach(emit);
    else if (of.kind === 'choice') emitChoice(of.of);
    else emitRepeat(of);
  };
  const emitChoice = ([first, ...others]: readonly Node[]): void => {
    if (others.length === 0) return emit(first!);
    const fork = split();
    emit(first!);
    const jump = push({ kind: 'split', next: 0, other: 0 });
    fork.other = program.length;
    emitChoice(others);
    jump.next = jump.other = program.length;
  };
  const emitRepeat = ({ of, min, max }: Repeat): void => {
    for (let i = 0; i < min; i++) emit(of);
    if (max === Infinity) {
      const at = program.length;
      const fork = split();
      emit(of);
      push({ kind: 'split', next: at, other: at });
      fork.other = program.length;
      return;
    }
    const forks: { other: number }[] = [];
    for (let i = min; i < max; i++) {
      forks.push(split());
      emit(of);
    }
    for (const fork of forks) fork.other = program.length;
  };
  emit(node);
  push({ kind: 'end' });
  return program;
}

/** All ways at once: each character is looked at once for each place of the program at most. */
function run(program: readonly Step[], text: string): boolean {
  let places = reach(program, [0]);
  for (const char of text) {
    const next: number[] = [];
    for (const place of places) {
      const step = program[place]!;
      if (step.kind === 'test' && step.test(char)) next.push(step.next);
    }
    if (next.length === 0) return false;
    places = reach(program, next);
  }
  return [...places].some((place) => program[place]!.kind === 'end');
}

function reach(program: readonly Step[], from: readonly number[]): Set<number> {
  const reached = new Set(from);
  for (const place of reached) {
    const step = program[place]!;
    if (step.kind === 'split') reached.add(step.next).add(step.other);
  }
  return reached;
}
