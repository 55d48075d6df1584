/** Secrets from files, as containers are given them: `COOKIE_SECRET_FILE` names the file with what `COOKIE_SECRET` would hold. */
import { readFileSync } from 'node:fs';

/** Settings that are secret, or contain something secret. */
export const SECRET_SETTINGS: readonly string[] = [
  'COOKIE_SECRET',
  'DATABASE_REPLICA_URL',
  'DATABASE_URL',
  'REDIS_URL',
  'SMTP_URL',
];

/**
 * The environment with the contents of the files in place of their names; line breaks at the end are no part of a
 * secret. What is wrong is added to the faults.
 */
export function readSecretFiles(env: NodeJS.ProcessEnv, faults: string[]): NodeJS.ProcessEnv {
  const read = { ...env };
  for (const name of SECRET_SETTINGS) {
    const file = env[`${name}_FILE`];
    if (file === undefined || file === '') continue;
    delete read[`${name}_FILE`];
    if (env[name] !== undefined && env[name] !== '') {
      faults.push(`${name} and ${name}_FILE are both set`);
      continue;
    }
    try {
      read[name] = readFileSync(file, 'utf8').replace(/[\r\n]+$/, '');
    } catch {
      faults.push(`${name}_FILE cannot be read`);
    }
  }
  return read;
}
