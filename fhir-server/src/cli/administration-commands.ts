/** The commands of administration, as the table of cli.ts has them. */
import { parseArgs } from 'node:util';
import {
  addClient,
  addUser,
  changeUser,
  createAdminUser,
  newPassword,
  newSecret,
  removeClient,
  removePolicy,
  removeSecondFactors,
  savePolicy,
  showClients,
  showPolicies,
  showPolicy,
  showUsers,
} from './administration.ts';
import type { Command } from './command.ts';
import type { Config } from '../platform/config.ts';

/** Of commands that take so many arguments and no more. */
const plain = (
  words: string,
  usage: string,
  count: number,
  act: (config: Config, first: string, second: string) => Promise<void>,
): Command => ({
  words: words.split(' '),
  usage: `${words} ${usage}`,
  run: (config, args) =>
    args.length === count && !args.some((arg) => arg.startsWith('-'))
      ? act(config(), args[0] ?? '', args[1] ?? '')
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
      return createAdminUser(config(), { username, fhirUser, role, passwordFile });
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
    return addUser(config(), {
      username,
      role,
      fhirUser,
      ...(organization === undefined ? {} : { organization }),
    });
  },
};

export const ADMINISTRATION: readonly Command[] = [
  adminCreate,
  userCreate,
  plain('user list', '  the accounts', 0, showUsers),
  plain('user role', '<username> <role>   gives another role', 2, (config, username, role) =>
    changeUser(config, username, { role }),
  ),
  plain('user disable', '<username>   ends all access', 1, (config, username) =>
    changeUser(config, username, { disabled: true }),
  ),
  plain('user enable', '<username>', 1, (config, username) =>
    changeUser(config, username, { disabled: false }),
  ),
  plain('user password', '<username>   prints a temporary password, and ends all access', 1, newPassword),
  plain('user reset-second-factor', '<username>   for somebody who has lost his', 1, removeSecondFactors),
  plain('client list', '  the registered apps and services', 0, showClients),
  plain('client create', '<file.json>   prints the id, and the secret if there is one', 1, addClient),
  plain('client secret', '<id>   prints a new secret; the old one is no longer good', 1, newSecret),
  plain('client delete', '<id>   with all its tokens', 1, removeClient),
  plain('policy list', '  the policies', 0, showPolicies),
  plain('policy show', '<name>', 1, showPolicy),
  plain('policy put', '<file.json>   checks and saves an AccessPolicy', 1, savePolicy),
  plain('policy delete', '<name>   unless it is in use', 1, removePolicy),
];
