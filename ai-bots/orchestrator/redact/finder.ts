/** What finds one kind of identifier in a text. */

export type IdentifierKind = 'NAME' | 'DATE' | 'PHONE' | 'EMAIL' | 'ADDRESS' | 'ID' | 'URL';

export interface Finder {
  readonly kind: IdentifierKind;
  /** With the flags `d` and `g`. Its first group, where there is one, is the identifier. */
  readonly pattern: RegExp;
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** Neither letters nor digits touch it. */
export const standing = (source: string): string => `(?<![\\p{L}\\p{N}])(?:${source})(?![\\p{L}\\p{N}])`;

/** Letters with marks match without them as well: José, Jose. */
export const letters = (word: string): string =>
  [...word.normalize('NFC')]
    .map((c) => {
      const base = c.normalize('NFD').replace(/\p{M}/gu, '');
      return base === c ? escape(c) : `(?:${escape(c)}|${escape(base)}\\p{M}*)`;
    })
    .join('');

/** Parts in this order, however they are joined. */
export const joined = (parts: readonly string[], between = "[\\s.,'’-]*"): string =>
  parts.map(letters).join(between);

export const finder = (kind: IdentifierKind, source: string, caseMatters = false): Finder => ({
  kind,
  pattern: new RegExp(source, caseMatters ? 'dgu' : 'dgiu'),
});
