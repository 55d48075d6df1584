/** The commands of administration, as the table of cli.ts has them. */
import { parseArgs } from 'node:util';
import type * as Administration from './administration.ts';
import type { Command } from './command.ts';
import type { Config } from '../platform/config.ts';

/** What the commands do, with the accounts and all that belongs to them: loaded by those who ask for it. */
type Acts = typeof Administration;
const load = (): Promise<Acts> => import('./administration.ts');

/** Of commands that take so many arguments and no more. */
const plain = (
  words: string,
  usage: string,
  count: number,
  act: (acts: Acts, config: Config, first: string, second: string) => Promise<void>,
): Command => ({
  words: words.split(' '),
  usage: `${words} ${usage}`,
  run: (config, args) =>
    args.length === count && !args.some((arg) => arg.startsWith('-'))
      ? load().then((acts) => act(acts, config(), args[0] ?? '', args[1] ?? ''))
      : undefined,
});

const adminCreate: Command = {
  words: ['admin', 'create'],
  usage:
    'admin create <username> --fhir-user <Practitioner/1> [--role <policy>] [--password-file <file>]   the first administrator; the password is asked for, or read from the file or the standard input (see docs/admin.md)',
  run(config, args) {
    const options = {
      'fhir-user': { type: 'string' },
      role: { type: 'string', default: 'admin' },
      'password-file': { type: 'string' },
    } as const;
    try {
      const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
      const [username, ...more] = positionals;
      const { 'fhir-user': fhirUser, role, 'password-file': passwordFile } = values;
      if (username === undefined || more.length > 0 || fhirUser === undefined) return undefined;
      return load().then(({ createAdminUser }) =>
        createAdminUser(config(), { username, fhirUser, role, passwordFile }),
      );
    } catch {
      return undefined;
    }
  },
};

const userCreate: Command = {
  words: ['user', 'create'],
  usage: 'user create <username> <role> <fhirUser> [<organization>]   prints a temporary password',
  run(config, args) {
    const [username, role, fhirUser, organization] = args;
    if (username === undefined || role === undefined || fhirUser === undefined || args.length > 4)
      return undefined;
    const user = { username, role, fhirUser, ...(organization === undefined ? {} : { organization }) };
    return load().then(({ addUser }) => addUser(config(), user));
  },
};

export const ADMINISTRATION: readonly Command[] = [
  adminCreate,
  userCreate,
  plain('user list', '  the accounts', 0, ({ showUsers }, config) => showUsers(config)),
  plain('user role', '<username> <role>   gives another role', 2, (acts, config, username, role) =>
    acts.changeUser(config, username, { role }),
  ),
  plain('user disable', '<username>   ends all access', 1, (acts, config, username) =>
    acts.changeUser(config, username, { disabled: true }),
  ),
  plain('user enable', '<username>', 1, (acts, config, username) =>
    acts.changeUser(config, username, { disabled: false }),
  ),
  plain(
    'user password',
    '<username>   prints a temporary password, and ends all access',
    1,
    ({ newPassword }, config, first) => newPassword(config, first),
  ),
  plain(
    'user reset-second-factor',
    '<username>   for somebody who has lost his',
    1,
    ({ removeSecondFactors }, config, first) => removeSecondFactors(config, first),
  ),
  plain('client list', '  the registered apps and services', 0, ({ showClients }, config) =>
    showClients(config),
  ),
  plain(
    'client create',
    '<file.json>   prints the id, and the secret if there is one',
    1,
    ({ addClient }, config, first) => addClient(config, first),
  ),
  plain(
    'client secret',
    '<id>   prints a new secret; the old one is no longer good',
    1,
    ({ newSecret }, config, first) => newSecret(config, first),
  ),
  plain('client delete', '<id>   with all its tokens', 1, ({ removeClient }, config, first) =>
    removeClient(config, first),
  ),
  plain('policy list', '  the policies', 0, ({ showPolicies }, config) => showPolicies(config)),
  plain('policy show', '<name>', 1, ({ showPolicy }, config, first) => showPolicy(config, first)),
  plain('policy put', '<file.json>   checks and saves an AccessPolicy', 1, ({ savePolicy }, config, first) =>
    savePolicy(config, first),
  ),
  plain('policy delete', '<name>   unless it is in use', 1, ({ removePolicy }, config, first) =>
    removePolicy(config, first),
  ),
];
