/** Accounts of users: created with a temporary password, changed, disabled, logged out. */
import { randomUUID } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { withTransaction, type PoolClient, type Queryable } from '../db/index.ts';
import { conflict, FhirError, forbidden, issue, notFound } from '../fhir/outcome.ts';
import type { Administrator } from './administrator.ts';
import { checkAppointment, keepingOne } from './administrators.ts';
import type { AdminContext } from './context.ts';
import { endAccountAccess } from './end-access.ts';
import { checkMatch } from './entity-tag.ts';
import { Input, ofForm } from './parse-input.ts';
import { recordChange } from './record-change.ts';
import { temporaryPassword } from './temporary-secret.ts';

export interface User {
  readonly id: string;
  readonly username: string;
  /** Name of a policy. */
  readonly role?: string;
  /** `Practitioner/1`. */
  readonly fhirUser?: string;
  /** `Organization/1`, for which he acts. */
  readonly organization?: string;
  /** What he may see beyond his role. */
  readonly clearance: readonly string[];
  readonly disabled: boolean;
  readonly mustChangePassword: boolean;
}

type UserRow = { readonly [K in keyof User]-?: Exclude<User[K], undefined> | null };

const COLUMNS = `id, username, role, fhir_user as "fhirUser", organization, clearance, disabled,
  must_change_password as "mustChangePassword"`;
const CLEARANCES = ['R', 'V', 'consent'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const toUser = (row: UserRow): User =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as User;

export interface Page {
  readonly limit: number;
  /** The last of the page before. */
  readonly after: string;
}

export async function listUsers(
  { pool }: AdminContext,
  { limit, after }: Page,
  username?: string,
): Promise<User[]> {
  const { rows } = await pool.query<UserRow>(
    `select ${COLUMNS} from auth.users where username > $1 and ($3::text is null or username = $3)
     order by username limit $2`,
    [after, limit, username ?? null],
  );
  return rows.map(toUser);
}

/** Throws FhirError 404. */
export async function loadUser(db: Queryable, id: string, forUpdate = false): Promise<User> {
  const { rows } = await db.query<UserRow>(
    `select ${COLUMNS} from auth.users where id = $1 ${forUpdate ? 'for update' : ''}`,
    [UUID.test(id) ? id : null],
  );
  if (rows[0] === undefined) throw notFound('There is no such user');
  return toUser(rows[0]);
}

/** Throws FhirError 404. */
export async function findUser(db: Queryable, username: string): Promise<User> {
  const { rows } = await db.query<UserRow>(`select ${COLUMNS} from auth.users where username = $1`, [
    username,
  ]);
  if (rows[0] === undefined) throw notFound('There is no such user');
  return toUser(rows[0]);
}

type Rights = Required<Pick<User, 'role' | 'fhirUser' | 'clearance'>> & {
  readonly organization: string | undefined;
};

function parseRights(input: Input): Rights {
  return {
    role: input.text('role', ofForm(/^[a-z][a-z0-9-]{0,63}$/, 'must be the name of a policy')),
    fhirUser: input.text(
      'fhirUser',
      ofForm(/^(Patient|Practitioner|RelatedPerson|Person)\/[A-Za-z0-9.-]{1,64}$/, 'must be a reference such as Practitioner/1'), // prettier-ignore
    ),
    organization: input.optional(
      'organization',
      ofForm(/^Organization\/[A-Za-z0-9.-]{1,64}$/, 'must be a reference such as Organization/1'),
    ),
    clearance:
      input.list('clearance', (word) => CLEARANCES.includes(String(word)) ? undefined : `must be one of ${CLEARANCES.join(', ')}`, 3) ?? [], // prettier-ignore
  };
}

const RIGHTS = ['role', 'fhirUser', 'organization', 'clearance'];

export interface CreatedUser {
  readonly user: User;
  /** Shown once; he must choose another when he logs in. */
  readonly temporaryPassword: string;
}

/** Throws FhirError 400 and 409. With a password the account has that one, and it is not temporary. */
export async function createUser(
  { pool }: AdminContext,
  by: Administrator,
  body: unknown,
  password?: string,
): Promise<CreatedUser> {
  const input = new Input(body, ['username', ...RIGHTS]);
  const username = input.text(
    'username',
    ofForm(/^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,99}$/u, 'must have letters, digits and . _ @ + - only'),
  );
  const rights = parseRights(input);
  input.done();
  const secret = password ?? temporaryPassword();
  const id = randomUUID();
  const passwordHash = await hash(secret);
  return withTransaction(pool, async (client) => {
    await checkRole(client, by, rights.role);
    const { rowCount } = await client.query(
      `insert into auth.users
         (id, username, password_hash, role, fhir_user, organization, clearance, must_change_password)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (username) do nothing`,
      [id, username, passwordHash, rights.role, rights.fhirUser, rights.organization ?? null, rights.clearance, password === undefined], // prettier-ignore
    );
    if (rowCount === 0) throw conflict('There is a user of this name');
    await recordChange(client, by, {
      code: 'user-change',
      action: 'C',
      what: `user ${id}, role ${rights.role}`,
    });
    return { user: await loadUser(client, id), temporaryPassword: secret };
  });
}

async function checkRole(client: PoolClient, by: Administrator, role: string): Promise<void> {
  // Held until the end, so that the policy is still there when the user has it.
  const { rowCount } = await client.query('select from auth.access_policy where name = $1 for share', [role]);
  if (rowCount === 0) throw new FhirError(400, [issue('not-found', 'role names no policy', 'role')]);
  await checkAppointment(client, by, role);
}

/** Of a username nothing is changed. Throws FhirError 400, 403 for his own account, 404, 409, 412 and 428. */
export async function replaceUser(
  { pool }: AdminContext,
  by: Administrator,
  id: string,
  body: unknown,
  ifMatch: string | undefined,
): Promise<User> {
  const input = new Input(body, ['id', 'username', 'mustChangePassword', 'disabled', ...RIGHTS]);
  const rights = parseRights(input);
  const disabled = input.flag('disabled');
  input.done();
  return withTransaction(pool, (client) =>
    keepingOne(client, async () => {
      const before = await loadUser(client, id, true);
      checkOther(by, before);
      checkMatch(ifMatch, before);
      for (const member of ['id', 'username'] as const)
        if (input.get(member) !== undefined && input.get(member) !== before[member]) input.fault(member, 'cannot be changed'); // prettier-ignore
      input.done();
      if (rights.role !== before.role || (before.disabled && !disabled))
        await checkRole(client, by, rights.role);
      await client.query(
        `update auth.users set role = $2, fhir_user = $3, organization = $4, clearance = $5, disabled = $6 where id = $1`,
        [id, rights.role, rights.fhirUser, rights.organization ?? null, rights.clearance, disabled],
      );
      // Another person, or nobody: what was allowed before was allowed by somebody else.
      if (disabled || rights.fhirUser !== before.fhirUser) await endAccountAccess(client, id);
      const what = `user ${id}, role ${before.role ?? 'none'} to ${rights.role}${disabled ? ', disabled' : ''}`;
      await recordChange(client, by, { code: 'user-change', action: 'U', what });
      return loadUser(client, id);
    }),
  );
}

function checkOther({ own }: Administrator, { id }: User): void {
  if (own.userId === id) throw forbidden('Nobody changes his own account here; another administrator can.');
}

/** Ends everything that rests on the old one. Throws FhirError 403 for his own account, and 404. */
export async function resetPassword(
  { pool }: AdminContext,
  by: Administrator,
  id: string,
): Promise<CreatedUser> {
  const secret = temporaryPassword();
  const passwordHash = await hash(secret);
  return withTransaction(pool, async (client) => {
    const user = await loadUser(client, id, true);
    checkOther(by, user);
    if (user.role !== undefined) await checkAppointment(client, by, user.role);
    await client.query(
      'update auth.users set password_hash = $2, must_change_password = true where id = $1',
      [id, passwordHash],
    );
    await endAccountAccess(client, id);
    await recordChange(client, by, {
      code: 'user-change',
      action: 'U',
      what: `user ${id}, temporary password`,
    });
    return { user: await loadUser(client, id), temporaryPassword: secret };
  });
}

/** For somebody who has lost his: he sets up another when he logs in. Throws FhirError 403 for his own account, and 404. */
export async function resetSecondFactor(
  { pool }: AdminContext,
  by: Administrator,
  id: string,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const user = await loadUser(client, id, true);
    checkOther(by, user);
    if (user.role !== undefined) await checkAppointment(client, by, user.role);
    for (const table of ['totp', 'recovery_code', 'passkey'])
      await client.query(`delete from auth.${table} where user_id = $1`, [id]);
    await endAccountAccess(client, id);
    await recordChange(client, by, {
      code: 'user-change',
      action: 'U',
      what: `user ${id}, second factors removed`,
    });
  });
}

/** With all tokens, those for offline access too. Throws FhirError 404. */
export async function endSessions({ pool }: AdminContext, by: Administrator, id: string): Promise<void> {
  await withTransaction(pool, async (client) => {
    await loadUser(client, id, true);
    await endAccountAccess(client, id);
    await recordChange(client, by, {
      code: 'access-revoked',
      action: 'D',
      what: `user ${id}, sessions and tokens`,
    });
  });
}
