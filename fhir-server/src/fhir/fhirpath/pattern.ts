/**
 * Regular expressions of `matches()` with a bound on the work. JavaScript's engine backtracks: a quantified group with
 * another quantifier inside takes exponential time, and n quantifiers in a row take the nth power of the text's length.
 */
import { EvaluationError } from './truth.ts';

/** Steps that one match may take, by the worst case. */
const STEPS_MAX = 1e8;

export interface Pattern {
  /** Throws EvaluationError for a text that is too long for this pattern. */
  test(text: string): boolean;
}

interface Group {
  /** Quantifiers inside. */
  quantifiers: number;
  alternatives: boolean;
}

/** Quantifiers of the whole pattern; undefined for patterns whose work cannot be bounded. */
function degree(source: string): number | undefined {
  const open: Group[] = [{ quantifiers: 0, alternatives: false }];
  let closed: Group | undefined;
  let inClass = false;
  for (let i = 0; i < source.length; i += 1) {
    const char = source[i]!;
    const previous = closed;
    closed = undefined;
    if (char === '\\') {
      i += 1;
      // Backreferences.
      if (/[1-9k]/.test(source[i] ?? '')) return undefined;
    } else if (inClass) inClass = char !== ']';
    else if (char === '[') inClass = true;
    else if (char === '(') {
      if (/^\(\?[=!<]/.test(source.slice(i, i + 3))) return undefined;
      open.push({ quantifiers: 0, alternatives: false });
    } else if (char === ')') {
      closed = open.pop();
      if (closed === undefined || open.length === 0) return undefined;
      open.at(-1)!.quantifiers += closed.quantifiers;
      if (closed.alternatives) open.at(-1)!.alternatives = true;
    } else if (char === '|') open.at(-1)!.alternatives = true;
    else if (char === '*' || char === '+' || char === '{') {
      const end = char === '{' ? source.indexOf('}', i) : i;
      const counts = char === '{' ? /^\{(\d+)\}/.exec(source.slice(i)) : null;
      if (end < i) return undefined;
      // At the end nothing can fail after the group, so that nothing is tried again.
      const isLast = end === source.length - 1 && open.length === 1;
      if (previous && (previous.quantifiers > 0 || previous.alternatives) && !isLast) return undefined;
      // A fixed number of times is no choice.
      if (counts === null) open.at(-1)!.quantifiers += 1;
      i = end;
    } else if (char === '?' && previous && previous.quantifiers > 0) open.at(-1)!.quantifiers += 1;
  }
  const [all] = open;
  return open.length === 1 && !inClass ? all!.quantifiers : undefined;
}

/**
 * R4's own patterns of names (eld-19, eld-20): all after the first name may be missing and no part of it can be matched in two
 * ways, so that nothing is ever tried twice.
 */
const LINEAR = new Set([
  String.raw`[^\s\.,:;\'"\/|?!@#$%&*()\[\]{}]{1,64}(\.[^\s\.,:;\'"\/|?!@#$%&*()\[\]{}]{1,64}(\[x\])?(\:[^\s\.]+)?)*`,
  String.raw`[A-Za-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*(\[x])?)*`,
]);

/** Undefined for what is no pattern, and for those whose work cannot be bounded. Partial matches count, as in the library. */
export function safePattern(source: string): Pattern | undefined {
  const quantifiers = degree(source);
  if (quantifiers === undefined) return undefined;
  let pattern: RegExp;
  try {
    pattern = new RegExp(source, 'us');
  } catch {
    try {
      // Escapes such as `\/` and `\-` are errors in unicode mode and meant well.
      pattern = new RegExp(source, 's');
    } catch {
      return undefined;
    }
  }
  const power = Math.max(1, quantifiers) + (source.startsWith('^') ? 0 : 1);
  const lengthMax = LINEAR.has(source) ? Infinity : Math.floor(STEPS_MAX ** (1 / power));
  return {
    test(text) {
      if (text.length > lengthMax) throw new EvaluationError('matches: the text is too long');
      return pattern.test(text);
    },
  };
}
