/** FHIRPath text → tree. https://hl7.org/fhirpath/N1/#formal-specifications-of-the-grammar */

export type Operator =
  | '*' | '/' | 'div' | 'mod' | '+' | '-' | '&' | '|' | '<' | '<=' | '>' | '>=' | '=' | '!=' | '~' | '!~'
  | 'in' | 'contains' | 'and' | 'or' | 'xor' | 'implies'; // prettier-ignore

export type Node =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'empty' }
  | { readonly kind: 'this' }
  | { readonly kind: 'variable'; readonly name: string }
  /** A child by name of what `of` selects, or of the focus. */
  | { readonly kind: 'member'; readonly name: string; readonly of?: Node }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[]; readonly of?: Node }
  | { readonly kind: 'index'; readonly of: Node; readonly at: Node }
  | { readonly kind: 'is' | 'as'; readonly of: Node; readonly type: string }
  | { readonly kind: 'negate'; readonly of: Node }
  | { readonly kind: 'binary'; readonly op: Operator; readonly left: Node; readonly right: Node };

type Token = { readonly kind: 'name' | 'quoted-name' | 'text' | 'number' | 'variable' | 'sign' | 'end'; readonly text: string }; // prettier-ignore

/** Not FHIRPath, or a part of it that this parser leaves to the library: literals of dates, times and quantities. */
export class UnparsedError extends Error {}

const TOKEN =
  /\s+|\/\/[^\n]*|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|([A-Za-z_$][A-Za-z0-9_]*)|`((?:[^`\\]|\\.)*)`|'((?:[^'\\]|\\.)*)'|(\d+(?:\.\d+)?)|%(?:([A-Za-z_][A-Za-z0-9_-]*)|`([^`]*)`|'([^']*)')|(<=|>=|!=|!~|[-+*/&|<>=~.,()[\]{}])/y;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

const unescaped = (text: string): string =>
  text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_all, hex?: string, char = '') =>
    hex === undefined
      ? (ESCAPES[char as string] ?? (char as string))
      : String.fromCharCode(parseInt(hex, 16)),
  );

function tokens(text: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  let at = 0;
  while (at < text.length) {
    const match = TOKEN.exec(text);
    if (match === null) throw new UnparsedError(`Not FHIRPath at character ${at}`);
    at = TOKEN.lastIndex;
    const [, name, backquoted, quoted, number, variable, named, other, sign] = match;
    if (name !== undefined) found.push({ kind: 'name', text: name });
    else if (backquoted !== undefined) found.push({ kind: 'quoted-name', text: unescaped(backquoted) });
    else if (quoted !== undefined) found.push({ kind: 'text', text: unescaped(quoted) });
    else if (number !== undefined) found.push({ kind: 'number', text: number });
    else if (sign !== undefined) found.push({ kind: 'sign', text: sign });
    else if ((variable ?? named ?? other) !== undefined)
      found.push({ kind: 'variable', text: (variable ?? named ?? other)! });
  }
  found.push({ kind: 'end', text: '' });
  return found;
}

/** The higher, the tighter. */
const BINDS: Readonly<Record<string, number>> = {
  implies: 1, or: 2, xor: 2, and: 3, in: 4, contains: 4, '=': 5, '!=': 5, '~': 5, '!~': 5,
  '<': 6, '<=': 6, '>': 6, '>=': 6, '|': 7, is: 8, as: 8, '+': 9, '-': 9, '&': 9, '*': 10, '/': 10, div: 10, mod: 10,
}; // prettier-ignore
const TIGHTEST = 11;

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokens(text);
  }

  all(): Node {
    const node = this.#expression(0);
    if (this.#next.kind !== 'end') throw new UnparsedError(`Unexpected ${this.#next.text}`);
    return node;
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  #isSign(text: string): boolean {
    return this.#next.kind === 'sign' && this.#next.text === text;
  }

  #take(text: string): void {
    if (!this.#isSign(text)) throw new UnparsedError(`${text} is expected`);
    this.#at += 1;
  }

  #expression(tighterThan: number): Node {
    let left = this.#unary();
    for (;;) {
      const { kind, text } = this.#next;
      const binds = kind === 'name' || kind === 'sign' ? BINDS[text] : undefined;
      if (binds === undefined || binds <= tighterThan) return left;
      this.#at += 1;
      left =
        text === 'is' || text === 'as'
          ? { kind: text, of: left, type: this.#typeName() }
          : { kind: 'binary', op: text as Operator, left, right: this.#expression(binds) };
    }
  }

  #unary(): Node {
    if (this.#isSign('-') || this.#isSign('+')) {
      const isMinus = this.#isSign('-');
      this.#at += 1;
      const of = this.#expression(TIGHTEST);
      return isMinus ? { kind: 'negate', of } : of;
    }
    let node = this.#term();
    for (;;) {
      if (this.#isSign('.')) {
        this.#at += 1;
        node = this.#invocation(node);
      } else if (this.#isSign('[')) {
        this.#at += 1;
        node = { kind: 'index', of: node, at: this.#expression(0) };
        this.#take(']');
      } else return node;
    }
  }

  #term(): Node {
    const { kind, text } = this.#next;
    if (kind === 'text' || kind === 'number') {
      this.#at += 1;
      const follows = this.#next;
      // `4 'mg'` and `4 days` are quantities.
      if (
        kind === 'number' &&
        (follows.kind === 'text' || (follows.kind === 'name' && BINDS[follows.text] === undefined))
      )
        // prettier-ignore
        throw new UnparsedError('A quantity');
      // `1.0` is not 1 where it is written.
      if (kind === 'number' && String(Number(text)) !== text) throw new UnparsedError('A decimal');
      return { kind: 'literal', value: kind === 'number' ? Number(text) : text };
    }
    if (kind === 'variable') {
      this.#at += 1;
      return { kind: 'variable', name: text };
    }
    if (this.#isSign('(')) {
      this.#at += 1;
      const node = this.#expression(0);
      this.#take(')');
      return node;
    }
    if (this.#isSign('{')) {
      this.#at += 1;
      this.#take('}');
      return { kind: 'empty' };
    }
    return this.#invocation(undefined);
  }

  #invocation(of: Node | undefined): Node {
    const { kind, text } = this.#next;
    if (kind !== 'name' && kind !== 'quoted-name') throw new UnparsedError(`Unexpected ${text || 'end'}`);
    this.#at += 1;
    const on = of === undefined ? {} : { of };
    if (kind === 'name' && this.#isSign('(')) return { kind: 'call', name: text, args: this.#args(), ...on };
    if (kind === 'quoted-name') return { kind: 'member', name: text, ...on };
    if (text === '$this') return of ?? { kind: 'this' };
    if (text.startsWith('$')) throw new UnparsedError(text);
    if (of === undefined && (text === 'true' || text === 'false'))
      return { kind: 'literal', value: text === 'true' };
    return { kind: 'member', name: text, ...on };
  }

  #args(): Node[] {
    this.#take('(');
    const args: Node[] = [];
    if (!this.#isSign(')')) {
      args.push(this.#expression(0));
      while (this.#isSign(',')) {
        this.#at += 1;
        args.push(this.#expression(0));
      }
    }
    this.#take(')');
    return args;
  }

  #typeName(): string {
    const node = this.#invocation(undefined);
    if (node.kind !== 'member') throw new UnparsedError('A type is expected');
    if (!this.#isSign('.')) return node.name;
    this.#at += 1;
    const second = this.#invocation(undefined);
    if (second.kind !== 'member') throw new UnparsedError('A type is expected');
    return `${node.name}.${second.name}`;
  }
}

/** Throws UnparsedError. */
export const parseFhirPath = (text: string): Node => new Parser(text).all();
