/** Cuts a search value at `,` `$` or `|` that no backslash precedes; escapes are kept until `unescape`. */

export function split(text: string, separator: ',' | '$' | '|'): string[] {
  if (!text.includes(separator)) return [text];
  const parts = [''];
  for (let i = 0; i < text.length; i += 1) {
    const letter = text[i]!;
    if (letter === '\\') parts[parts.length - 1] += letter + (text[(i += 1)] ?? '');
    else if (letter === separator) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts;
}

export const unescape = (text: string): string =>
  text.includes('\\') ? text.replaceAll(/\\([\\,$|])/g, '$1') : text;

export const escape = (text: string): string => text.replaceAll(/[\\,$|]/g, '\\$&');
