/** Reads settings from the environment, and tells all that is wrong with them at once. */

export interface SettingsReader {
  readonly text: (name: string, fallback?: string) => string;
  readonly whole: (name: string, fallback: number, min: number, max: number) => number;
  /** Items between commas. */
  readonly list: (name: string, fallback: string) => string[];
  readonly fault: (words: string) => void;
  /** Throws SettingsError when there were faults. */
  readonly check: () => void;
}

/** Raised at start-up with every fault in the environment at once. */
export class SettingsError extends Error {}

export function readSettings(env: NodeJS.ProcessEnv): SettingsReader {
  const faults: string[] = [];
  return {
    text(name, fallback) {
      const value = env[name] ?? fallback ?? '';
      if (value === '') faults.push(`${name} is not set`);
      return value;
    },
    whole(name, fallback, min, max) {
      const value = env[name] === undefined ? fallback : Number(env[name]);
      const fits = Number.isInteger(value) && value >= min && value <= max;
      if (!fits) faults.push(`${name} must be a whole number from ${min} to ${max}`);
      return value;
    },
    list: (name, fallback) =>
      (env[name] ?? fallback)
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    fault: (words) => void faults.push(words),
    check() {
      if (faults.length > 0) throw new SettingsError(faults.join('\n'));
    },
  };
}
