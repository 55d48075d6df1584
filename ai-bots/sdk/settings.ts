/** Reads settings from the environment, and tells all that is wrong with them at once. */

export interface SettingsReader {
  readonly text: (name: string, fallback?: string) => string;
  readonly whole: (name: string, fallback: number, min: number, max: number) => number;
  /** Without a trailing slash. */
  readonly url: (name: string, fallback: string) => string;
  /** Items between separators, without white space around them. */
  readonly list: (name: string, fallback: string, separator?: RegExp) => string[];
  /** `{ [key]: value }`, or nothing when it is not set. */
  readonly optional: <K extends string>(key: K, name: string) => Partial<Record<K, string>>;
  readonly fault: (words: string) => void;
  /** Throws SettingsError when there were faults. */
  readonly check: () => void;
}

/** Raised at start-up with every fault in the environment at once. */
export class SettingsError extends Error {}

export function readSettings(env: NodeJS.ProcessEnv): SettingsReader {
  const faults: string[] = [];
  const text = (name: string, fallback?: string): string => {
    const value = env[name] ?? fallback ?? '';
    if (value === '') faults.push(`${name} is not set`);
    return value;
  };
  return {
    text,
    whole(name, fallback, min, max) {
      const value = env[name] === undefined ? fallback : Number(env[name]);
      const fits = Number.isInteger(value) && value >= min && value <= max;
      if (!fits) faults.push(`${name} must be a whole number from ${min} to ${max}`);
      return value;
    },
    url(name, fallback) {
      const value = text(name, fallback).replace(/\/+$/, '');
      if (!/^https?:/.test(value) || !URL.canParse(value)) faults.push(`${name} is not an http or https URL`);
      return value;
    },
    list: (name, fallback, separator = /,/) =>
      (env[name] ?? fallback)
        .split(separator)
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    optional<K extends string>(key: K, name: string) {
      const value = env[name] ?? '';
      return value === '' ? {} : ({ [key]: value } as Partial<Record<K, string>>);
    },
    fault: (words) => void faults.push(words),
    check() {
      if (faults.length > 0) throw new SettingsError(faults.join('\n'));
    },
  };
}
