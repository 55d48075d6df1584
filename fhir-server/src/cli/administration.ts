/** `cli.ts admin|user|client|policy …`: administration by the operator, with the rules and the audit of the admin API. */
import { readFileSync } from 'node:fs';
import {
  createClient,
  createUser,
  deleteClient,
  deletePolicy,
  findUser,
  listClients,
  listPolicies,
  listUsers,
  loadPolicy,
  OPERATOR,
  putPolicy,
  replaceUser,
  resetPassword,
  resetSecondFactor,
  rotateSecret,
  type AdminContext,
} from '../admin/index.ts';
import { createPasswordPolicy, ensurePolicies } from '../auth/index.ts';
import { createPool } from '../db/index.ts';
import { createEgress } from '../egress/index.ts';
import { parseJson } from '../fhir/json/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import type { Config } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { createRegistry, followParameters } from '../reindex/index.ts';
import { readPassword } from './read-password.ts';

/** All of them: the command line has no pages. */
const ALL = { limit: 1_000_000, after: '' };
/** Whatever its state is: the operator has just named it. */
const ANY = '*';

/** Runs `work`; refusals are told in words and set the exit code. */
export async function administer(
  config: Config,
  work: (context: AdminContext) => Promise<void>,
): Promise<void> {
  const pool = createPool(config);
  const logger = createLogger('admin', config.logLevel);
  const egress = createEgress({ ...config.egress, logger });
  const registry = createRegistry();
  try {
    await ensurePolicies(pool);
    await followParameters(registry, { pool, logger, settings: config.reindex, searches: false }).load();
    await work({ pool, egress, criteria: { registry, baseUrl: config.fhirBase } });
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    for (const { diagnostics } of error.outcome.issue) console.error(diagnostics ?? error.message);
    process.exitCode = 1;
  } finally {
    await egress.close();
    await pool.end();
  }
}

export interface FirstAdmin {
  readonly username: string;
  readonly fhirUser: string;
  readonly role: string;
  readonly passwordFile: string | undefined;
}

export async function createAdminUser(config: Config, admin: FirstAdmin): Promise<void> {
  const { username, fhirUser, role, passwordFile } = admin;
  const password = await readPassword(passwordFile);
  const fault =
    password === undefined
      ? 'The two passwords are not the same.'
      : await createPasswordPolicy(config.account).check(password, username);
  if (fault !== undefined) {
    console.error(fault);
    process.exitCode = 1;
    return;
  }
  await administer(config, async (context) => {
    const { user } = await createUser(context, OPERATOR, { username, role, fhirUser }, password);
    console.log(`${username} is created with the role ${role}, as user ${user.id}.`);
  });
}

export const addUser = (config: Config, user: Readonly<Record<string, string>>): Promise<void> =>
  administer(config, async (context) => {
    const { temporaryPassword } = await createUser(context, OPERATOR, user);
    console.log(`Temporary password of ${user['username'] ?? ''}: ${temporaryPassword}`);
  });

export const showUsers = (config: Config): Promise<void> =>
  administer(config, async (context) => {
    for (const { id, username, role, fhirUser, disabled } of await listUsers(context, ALL))
      console.log(
        `${username}  ${role ?? 'no role'}  ${fhirUser ?? 'nobody'}  ${id}${disabled ? '  disabled' : ''}`,
      );
  });

export const changeUser = (
  config: Config,
  username: string,
  change: { readonly role?: string; readonly disabled?: boolean },
): Promise<void> =>
  administer(config, async (context) => {
    const { id, mustChangePassword: _untouched, ...before } = await findUser(context.pool, username);
    const user = await replaceUser(context, OPERATOR, id, { ...before, ...change }, ANY);
    console.log(
      `${username} has the role ${user.role ?? ''} and is ${user.disabled ? 'disabled' : 'not disabled'}.`,
    );
  });

export const newPassword = (config: Config, username: string): Promise<void> =>
  administer(config, async (context) => {
    const { id } = await findUser(context.pool, username);
    const { temporaryPassword } = await resetPassword(context, OPERATOR, id);
    console.log(`Temporary password of ${username}: ${temporaryPassword}`);
  });

export const removeSecondFactors = (config: Config, username: string): Promise<void> =>
  administer(config, async (context) => {
    const { id } = await findUser(context.pool, username);
    await resetSecondFactor(context, OPERATOR, id);
    console.log(`${username} has no second factor any more.`);
  });

const readDocument = (file: string): unknown => parseJson(readFileSync(file, 'utf8'));

export const addClient = (config: Config, file: string): Promise<void> =>
  administer(config, async (context) => {
    const { client, clientSecret } = await createClient(context, OPERATOR, readDocument(file));
    console.log(`Client: ${client.clientId}`);
    if (clientSecret !== undefined) console.log(`Secret: ${clientSecret}`);
  });

export const showClients = (config: Config): Promise<void> =>
  administer(config, async (context) => {
    for (const { clientId, name, redirectUris, scope } of await listClients(context, ALL))
      console.log(`${clientId}  ${redirectUris === undefined ? 'service' : 'app'}  ${name}  ${scope}`);
  });

export const newSecret = (config: Config, clientId: string): Promise<void> =>
  administer(config, async (context) => {
    const { clientSecret = '' } = await rotateSecret(context, OPERATOR, clientId);
    console.log(`Secret: ${clientSecret}`);
  });

export const removeClient = (config: Config, clientId: string): Promise<void> =>
  administer(config, async (context) => {
    await deleteClient(context, OPERATOR, clientId);
    console.log(`${clientId} is removed, with all its tokens.`);
  });

export const showPolicies = (config: Config): Promise<void> =>
  administer(config, async (context) => {
    for (const { name, rules } of await listPolicies(context)) console.log(`${name}  ${rules.length} rules`);
  });

export const showPolicy = (config: Config, name: string): Promise<void> =>
  administer(config, async ({ pool }) =>
    console.log(JSON.stringify(await loadPolicy(pool, name), undefined, 2)),
  );

export const savePolicy = (config: Config, file: string): Promise<void> =>
  administer(config, async (context) => {
    const document = readDocument(file);
    const name = String((document as { name?: unknown } | null)?.name);
    const isThere = (await listPolicies(context)).some((policy) => policy.name === name);
    await putPolicy(context, OPERATOR, name, document, isThere ? { ifMatch: ANY } : {});
    console.log(`${name} is saved.`);
  });

export const removePolicy = (config: Config, name: string): Promise<void> =>
  administer(config, async (context) => {
    await deletePolicy(context, OPERATOR, name, ANY);
    console.log(`${name} is removed.`);
  });
