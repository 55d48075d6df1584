/** Secrets that are made here, shown once, and kept as a hash alone. */
import { randomBytes, randomInt } from 'node:crypto';

/** Without letters and digits that look alike: somebody reads it out to somebody. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789';
const LENGTH = 20;

export const temporaryPassword = (): string =>
  Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');

export const clientSecret = (): string => randomBytes(32).toString('base64url');
