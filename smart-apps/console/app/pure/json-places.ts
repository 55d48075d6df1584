/** Where the elements of a JSON text stand, so that a fault's FHIRPath leads to its line. */

/** What is no JSON, and from which character on. */
export class JsonFault extends Error {
  readonly offset: number;
  constructor(offset: number) {
    super('no JSON');
    this.offset = offset;
  }
}

/** Offsets by path: `` (the whole), `name`, `name[0]`, `name[0].family`; of a member, that of its name. */
export type Places = ReadonlyMap<string, number>;

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

class Reader {
  readonly #text: string;
  readonly places = new Map<string, number>();
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text that fits here, behind it afterwards. */
  take(form: RegExp): string | undefined {
    form.lastIndex = this.at;
    const found = form.exec(this.#text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  next(): string | undefined {
    this.take(SPACE);
    return this.#text[this.at];
  }

  isTaken(character: string): boolean {
    if (this.next() !== character) return false;
    this.at += 1;
    return true;
  }

  demand(character: string): void {
    if (!this.isTaken(character)) throw new JsonFault(this.at);
  }

  value(path: string): void {
    const start = this.next();
    if (!this.places.has(path)) this.places.set(path, this.at);
    if (start === '{') this.object(path);
    else if (start === '[') this.array(path);
    else if (this.take(start === '"' ? STRING : SCALAR) === undefined) throw new JsonFault(this.at);
  }

  object(path: string): void {
    this.demand('{');
    if (this.isTaken('}')) return;
    do {
      this.next();
      const offset = this.at;
      const name = this.take(STRING);
      if (name === undefined) throw new JsonFault(this.at);
      const inner = `${path === '' ? '' : `${path}.`}${JSON.parse(name) as string}`;
      this.places.set(inner, offset);
      this.demand(':');
      this.value(inner);
    } while (this.isTaken(','));
    this.demand('}');
  }

  array(path: string): void {
    this.demand('[');
    if (this.isTaken(']')) return;
    let i = 0;
    do this.value(`${path}[${i++}]`);
    while (this.isTaken(','));
    this.demand(']');
  }
}

/** Throws JsonFault. */
export function jsonPlaces(text: string): Places {
  const reader = new Reader(text);
  reader.value('');
  if (reader.next() !== undefined) throw new JsonFault(reader.at);
  return reader.places;
}

/** From 0. */
export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length - 1;

/** The member for a segment of an expression: itself, with its index, or a choice such as `value[x]`. */
function memberOf(places: Places, path: string, segment: string): string | undefined {
  const inner = path === '' ? segment : `${path}.${segment}`;
  if (places.has(inner)) return inner;
  if (places.has(`${path}[0].${segment}`)) return `${path}[0].${segment}`;
  return [...places.keys()].find(
    (key) => key.startsWith(inner) && /^[A-Z][A-Za-z0-9]*$/.test(key.slice(inner.length)),
  );
}

/** The line of the nearest element that the text has, for `Patient.name[0].given` as for `redirectUris[0]`. */
export function lineOfExpression(text: string, places: Places, expression: string): number {
  const segments = expression
    .replace(/\.(ofType|where|as)\([^)]*\)/g, '')
    .split('.')
    .filter((segment) => segment !== '');
  const walk = (from: readonly string[]): string => {
    let path = '';
    for (const segment of from) {
      const found = memberOf(places, path, segment.replace(/\[x\]$/, ''));
      if (found === undefined) break;
      path = found;
    }
    return path;
  };
  // The first segment of an expression of FHIR is the type.
  const path = walk(segments) || walk(segments.slice(1));
  return lineOf(text, places.get(path) ?? 0);
}
