/**
 * One walk over JSON text for what JSON.parse does not tell: keys that occur twice, depth, numbers whose text says more
 * than their value, and where the entries of a Bundle begin and end. https://hl7.org/fhir/R4/json.html
 */

export type Path = readonly (string | number)[];

export interface JsonFault {
  readonly kind: 'duplicate' | 'depth' | 'prototype';
  readonly path: Path;
}

export interface NumberAt {
  readonly path: Path;
  /** As it was written: `1.00`. */
  readonly text: string;
}

const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Works piece by piece, so that others get their turn during a long text. Text that is no JSON is walked to its end all the
 * same: whether it is, JSON.parse decides.
 */
export class JsonScanner {
  /** The first. */
  fault: JsonFault | undefined;
  readonly numbers: NumberAt[] = [];
  /** Offsets of the elements of the array `entry` of the outermost object, commas and brackets left out. */
  readonly entries: { start: number; end: number }[] = [];
  readonly #text: string;
  readonly #depthMax: number;
  readonly #path: (string | number)[] = [];
  /** For each level the keys of an object so far, null for an array. */
  readonly #keys: (Set<string> | null)[] = [];
  #at = 0;
  #isKeyNext = false;
  #entryStart = -1;

  constructor(text: string, depthMax: number) {
    this.#text = text;
    this.#depthMax = depthMax;
  }

  /** Goes on for some `length` characters. True when the end, or a fault, is reached. */
  walk(length = Infinity): boolean {
    const text = this.#text;
    const until = Math.min(text.length, this.#at + length);
    while (this.#at < until && this.fault === undefined) {
      const code = text.charCodeAt(this.#at);
      if (code === QUOTE) this.#string();
      else if (code === 45 || (code >= 48 && code <= 57)) this.#number();
      else {
        if (code === 123) this.#open(new Set());
        else if (code === 91) this.#open(null);
        else if (code === 125 || code === 93) this.#close();
        else if (code === 44) this.#comma();
        this.#at += 1;
      }
    }
    return this.fault !== undefined || this.#at >= text.length;
  }

  #string(): void {
    const text = this.#text;
    const start = this.#at + 1;
    let end = text.indexOf('"', start);
    while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
    if (end < 0) end = text.length;
    this.#at = end + 1;
    if (this.#isKeyNext) this.#key(text.slice(start, end));
  }

  #key(raw: string): void {
    this.#isKeyNext = false;
    const key = raw.includes('\\') ? unescaped(raw) : raw;
    const keys = this.#keys.at(-1);
    this.#path[this.#path.length - 1] = key;
    if (keys?.has(key) === true) this.#refuse('duplicate');
    else if (key === '__proto__') this.#refuse('prototype');
    else keys?.add(key);
  }

  #number(): void {
    const text = this.#text;
    const start = this.#at;
    let end = start + 1;
    let isPlain = true;
    for (; ; end += 1) {
      const code = text.charCodeAt(end);
      if (code >= 48 && code <= 57) continue;
      // Point, exponent and signs.
      if (code !== 46 && code !== 101 && code !== 69 && code !== 43 && code !== 45) break;
      isPlain = false;
    }
    this.#at = end;
    // Whole numbers of up to 15 digits are what they look like, but -0.
    if (isPlain && end - start <= 15 && text.charCodeAt(start) !== 45) return;
    const literal = text.slice(start, end);
    if (String(Number(literal)) !== literal) this.numbers.push({ path: [...this.#path], text: literal });
  }

  #open(keys: Set<string> | null): void {
    if (this.#keys.length === this.#depthMax) {
      this.#refuse('depth');
      return;
    }
    this.#keys.push(keys);
    this.#path.push(keys === null ? 0 : '');
    this.#isKeyNext = keys !== null;
    if (this.#isInEntries()) this.#entryStart = this.#at + 1;
  }

  #close(): void {
    if (this.#isInEntries()) this.#endEntry();
    this.#keys.pop();
    this.#path.pop();
    this.#isKeyNext = false;
  }

  #comma(): void {
    if (this.#isInEntries()) this.#endEntry();
    const level = this.#path.length - 1;
    const place = this.#path[level];
    if (typeof place === 'number') this.#path[level] = place + 1;
    else this.#isKeyNext = level >= 0;
  }

  #isInEntries(): boolean {
    return this.#path.length === 2 && this.#keys[1] === null && this.#path[0] === 'entry';
  }

  #endEntry(): void {
    this.entries.push({ start: this.#entryStart, end: this.#at });
    this.#entryStart = this.#at + 1;
  }

  #refuse(kind: JsonFault['kind']): void {
    this.fault = { kind, path: [...this.#path] };
  }
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 0;
}

/** `n\u0061me` is `name`, and so its duplicate. */
function unescaped(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}
