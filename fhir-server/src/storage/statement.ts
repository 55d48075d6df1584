/** Names for statements that come again and again, so that PostgreSQL parses and plans them once per connection. */
import { hash } from 'node:crypto';
import type { QueryConfig } from '../db/index.ts';

/** Each connection keeps what was prepared under a name, so that the number of names is limited. */
const NAMES_MAX = 400;
/** Texts that come once or twice are not worth a place. */
const SEEN_MIN = 3;
const SEEN_MAX = 5_000;

const names = new Map<string, string>();
const seen = new Map<string, number>();

/** A statement whose text depends on the shape of a request and whose values are all bound. */
export function statement(text: string, values: unknown[]): QueryConfig {
  const name = nameOf(text);
  return name === undefined ? { text, values } : { name, text, values };
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= NAMES_MAX) return known;
  const times = (seen.get(text) ?? 0) + 1;
  if (times < SEEN_MIN) {
    if (seen.size >= SEEN_MAX) seen.clear();
    seen.set(text, times);
    return undefined;
  }
  seen.delete(text);
  const name = `s${hash('sha256', text, 'hex').slice(0, 20)}`;
  names.set(text, name);
  return name;
}
