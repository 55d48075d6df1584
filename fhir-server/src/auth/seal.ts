/** What a page of an interaction hands to the next one, sealed: it counts in the interaction that it was made in alone. */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface SealKey {
  readonly secret: string;
  /** Of the interaction. */
  readonly uid: string;
}

const mark = ({ secret, uid }: SealKey, value: string): string =>
  createHmac('sha256', secret).update(`picked\n${uid}\n${value}`).digest('base64url');

/** `value` has no tilde: it is an id, or empty. */
export const seal = (key: SealKey, value: string): string => `${value}~${mark(key, value)}`;

/** Undefined for whatever was not sealed by this key. */
export function unseal(key: SealKey, sealed: string): string | undefined {
  const [value = '', given = ''] = sealed.split('~');
  const [a, b] = [Buffer.from(given), Buffer.from(mark(key, value))];
  return a.length === b.length && timingSafeEqual(a, b) ? value : undefined;
}
