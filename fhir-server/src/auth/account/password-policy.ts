/** Which passwords may be chosen: long, and not among those that everybody tries. https://pages.nist.gov/800-63-4/sp800-63b.html */
import { readFile } from 'node:fs/promises';

const LENGTH_MAX = 128;
/** Fewer different characters are a pattern. */
const DISTINCT_MIN = 5;

export interface PasswordPolicy {
  /** Why the password cannot be taken, as a sentence for the user; undefined when it can. */
  check(password: string, username: string): Promise<string | undefined>;
}

export interface PasswordPolicySettings {
  readonly passwordLengthMin: number;
  readonly passwordListFile: string | undefined;
}

export function createPasswordPolicy(settings: PasswordPolicySettings): PasswordPolicy {
  let common: Promise<ReadonlySet<string>> | undefined;
  return {
    async check(password, username) {
      const { length } = [...password];
      if (length < settings.passwordLengthMin)
        return `The password needs at least ${settings.passwordLengthMin} characters.`;
      if (length > LENGTH_MAX) return `The password has more than ${LENGTH_MAX} characters.`;
      const lower = password.toLowerCase();
      if (new Set(lower).size < DISTINCT_MIN) return 'The password repeats too few characters.';
      if (username.length >= 3 && lower.includes(username.toLowerCase()))
        return 'The password contains the user name.';
      common ??= loadCommon(settings.passwordListFile);
      // A list that cannot be read must be read again, and not be taken for an empty one.
      common.catch(() => (common = undefined));
      const list = await common;
      if (list.has(lower) || list.has(coreOf(lower)))
        return 'This password, or one that is much like it, is among those that are tried first. Choose another.';
      return undefined;
    },
  };
}

/** `password` of `!!password2026`: what is put around a common word helps little. */
const coreOf = (lower: string): string => lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');

/** The list of zxcvbn, and a file of one's own. Loaded when the first password is chosen. */
async function loadCommon(file: string | undefined): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  const own = file === undefined ? [] : (await readFile(file, 'utf8')).split(/\r?\n/);
  return new Set(
    [...dictionary['passwords-common'], ...own].map((line) => line.trim().toLowerCase()).filter(Boolean),
  );
}
