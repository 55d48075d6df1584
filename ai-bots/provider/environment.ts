/** Reads settings of providers from the environment; what is wrong is collected, and never quoted. */
import { readFileSync } from 'node:fs';

export interface Environment {
  /** Undefined when it is not set, or empty. */
  text(name: string): string | undefined;
  /** From the variable, or from the file that `<name>_FILE` names. */
  secret(name: string): string | undefined;
  /** Without a trailing slash. `https` alone where the text crosses the internet. */
  url(name: string, options: { readonly tls: boolean }): string | undefined;
  choice<T extends string>(name: string, choices: readonly [T, ...T[]]): T;
  number(name: string, fallback: number, min: number, max: number): number;
  fault(message: string): void;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

export function readEnvironment(env: NodeJS.ProcessEnv, faults: string[]): Environment {
  const text = (name: string): string | undefined => {
    const value = env[name]?.trim() ?? '';
    return value === '' ? undefined : value;
  };
  return {
    text,
    fault: (message) => void faults.push(message),
    secret(name) {
      const file = text(`${name}_FILE`);
      if (file === undefined) return text(name);
      if (text(name) !== undefined) faults.push(`${name} and ${name}_FILE are both set`);
      try {
        const value = readFileSync(file, 'utf8').trim();
        if (value === '') faults.push(`${name}_FILE is empty`);
        return value;
      } catch {
        faults.push(`${name}_FILE cannot be read`);
        return '';
      }
    },
    url(name, { tls }) {
      const value = text(name)?.replace(/\/+$/, '');
      if (value === undefined) return undefined;
      const parsed = URL.canParse(value) ? new URL(value) : undefined;
      if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
        faults.push(`${name} is not an http or https URL`);
      } else if (tls && parsed.protocol !== 'https:' && !LOOPBACK.test(parsed.hostname)) {
        faults.push(`${name} must be an https URL (http on loopback only)`);
      } else if (parsed.username !== '' || parsed.search !== '') {
        faults.push(`${name} must have neither a user nor a query`);
      }
      return value;
    },
    choice(name, choices) {
      const value = text(name) ?? choices[0];
      const chosen = choices.find((c) => c === value);
      if (chosen === undefined) faults.push(`${name} must be one of: ${choices.join(', ')}`);
      return chosen ?? choices[0];
    },
    number(name, fallback, min, max) {
      const value = text(name);
      const parsed = value === undefined ? fallback : Number(value);
      if (!(parsed >= min && parsed <= max)) faults.push(`${name} must be a number from ${min} to ${max}`);
      return parsed;
    },
  };
}
