/** Registered clients: apps, which act for users, and services, which act for themselves. */
import { randomUUID } from 'node:crypto';
import { ACCOUNT_CLIENT, type ClientDocument, isAdminScope, isBackend, secretHash } from '../auth/index.ts';
import { withTransaction, type Queryable } from '../db/index.ts';
import { conflict, forbidden, notFound } from '../fhir/outcome.ts';
import type { Administrator } from './administrator.ts';
import { checkAuthMethod, MEMBERS, parseRegistration } from './client-registration.ts';
import type { AdminContext } from './context.ts';
import { endClientAccess } from './end-access.ts';
import { checkMatch } from './entity-tag.ts';
import { Input, ofForm } from './parse-input.ts';
import { recordChange } from './record-change.ts';
import { clientSecret } from './temporary-secret.ts';
import type { Page } from './users.ts';

/** As it is shown: whether there is a secret, and never which. */
export type Client = Omit<ClientDocument, 'secretHash'> & { readonly hasSecret: boolean };

const shown = ({ secretHash: kept, ...document }: ClientDocument): Client => ({
  ...document,
  hasSecret: kept !== undefined,
});

export async function listClients({ pool }: AdminContext, { limit, after }: Page): Promise<Client[]> {
  const { rows } = await pool.query<{ document: ClientDocument }>(
    'select document from auth.clients where client_id > $1 order by client_id limit $2',
    [after, limit],
  );
  return rows.map(({ document }) => shown(document));
}

async function load(db: Queryable, clientId: string, forUpdate = false): Promise<ClientDocument> {
  const { rows } = await db.query<{ document: ClientDocument }>(
    `select document from auth.clients where client_id = $1 ${forUpdate ? 'for update' : ''}`,
    [clientId.replaceAll('\0', '')],
  );
  if (rows[0] === undefined) throw notFound('There is no such client');
  return rows[0].document;
}

/** Throws FhirError 404. */
export const loadClient = async (db: Queryable, clientId: string): Promise<Client> =>
  shown(await load(db, clientId));

/** Nobody gives a client scopes of administration that he has not himself. */
function checkAdminScopes(by: Administrator, scope: string, before = ''): void {
  const had = before.split(' ');
  const given = scope.split(' ').filter((word) => isAdminScope(word) && !had.includes(word));
  if (given.some((word) => !by.scopes.includes(word)))
    throw forbidden('Your token does not have all admin scopes that the client would have.');
}

function checkOther({ own }: Administrator, clientId: string): void {
  if (clientId === ACCOUNT_CLIENT) throw conflict('This client is a part of the server');
  if (own.clientId === clientId) throw forbidden('No service changes its own registration.');
}

export interface CreatedClient {
  readonly client: Client;
  /** Shown once. */
  readonly clientSecret?: string;
}

/** `secret: true` gives it a secret. Throws FhirError 400, 403 and 409. */
export async function createClient(
  context: AdminContext,
  by: Administrator,
  body: unknown,
): Promise<CreatedClient> {
  const input = new Input(body, [...MEMBERS, 'secret']);
  const clientId =
    input.optional('clientId', ofForm(/^[A-Za-z0-9][A-Za-z0-9._-]{2,99}$/, 'must have 3 to 100 letters, digits and . _ -')) ?? randomUUID(); // prettier-ignore
  const registration = parseRegistration(input, context);
  const secret = input.flag('secret') ? clientSecret() : undefined;
  const hasKeys = registration.jwks !== undefined || registration.jwksUri !== undefined;
  if (registration.redirectUris === undefined && secret === undefined && !hasKeys)
    input.fault('jwksUri', 'or jwks or secret is required for a service');
  const document: ClientDocument = {
    clientId,
    ...registration,
    ...(secret === undefined ? {} : { secretHash: secretHash(secret) }),
  };
  checkAuthMethod(input, document);
  input.done();
  checkAdminScopes(by, registration.scope);
  return withTransaction(context.pool, async (client) => {
    const { rowCount } = await client.query(
      'insert into auth.clients (client_id, document) values ($1, $2) on conflict (client_id) do nothing',
      [clientId, JSON.stringify(document)],
    );
    if (rowCount === 0) throw conflict('There is a client with this id');
    await recordChange(client, by, { code: 'client-change', action: 'C', what: `client ${clientId}` });
    return { client: shown(document), ...(secret === undefined ? {} : { clientSecret: secret }) };
  });
}

/** All but id and secret. Throws FhirError 400, 403, 404, 412 and 428. */
export async function replaceClient(
  context: AdminContext,
  by: Administrator,
  clientId: string,
  body: unknown,
  ifMatch: string | undefined,
): Promise<Client> {
  const input = new Input(body, [...MEMBERS, 'hasSecret']);
  const registration = parseRegistration(input, context);
  input.done();
  checkOther(by, clientId);
  return withTransaction(context.pool, async (client) => {
    const before = await load(client, clientId, true);
    checkMatch(ifMatch, shown(before));
    if (input.get('clientId') !== undefined && input.get('clientId') !== clientId) input.fault('clientId', 'cannot be changed'); // prettier-ignore
    const document: ClientDocument = {
      clientId,
      ...registration,
      ...(before.secretHash === undefined ? {} : { secretHash: before.secretHash }),
    };
    checkAuthMethod(input, document);
    if (isBackend(document) !== isBackend(before))
      input.fault('redirectUris', 'make an app, and no service becomes one');
    if (isBackend(document) && (document.secretHash ?? document.jwks ?? document.jwksUri) === undefined)
      input.fault('jwksUri', 'or jwks is required for a service without a secret');
    input.done();
    checkAdminScopes(by, document.scope, before.scope);
    await client.query('update auth.clients set document = $2 where client_id = $1', [clientId, JSON.stringify(document)]); // prettier-ignore
    if (isNarrower(document, before)) await endClientAccess(client, clientId);
    await recordChange(client, by, { code: 'client-change', action: 'U', what: `client ${clientId}` });
    return shown(document);
  });
}

/** Tokens say what was allowed once; they are not to outlive a right that is taken, nor keys that were given up. */
function isNarrower(after: ClientDocument, before: ClientDocument): boolean {
  const kept = after.scope.split(' ');
  const keys = ({ jwks, jwksUri }: ClientDocument): string => JSON.stringify([jwks, jwksUri]);
  return before.scope.split(' ').some((word) => !kept.includes(word)) || keys(after) !== keys(before);
}

/** A new secret; the old one, and all tokens that were got with it, are no longer good. Throws FhirError 403 and 404. */
export async function rotateSecret(
  { pool }: AdminContext,
  by: Administrator,
  clientId: string,
): Promise<CreatedClient> {
  checkOther(by, clientId);
  const secret = clientSecret();
  return withTransaction(pool, async (client) => {
    const document: ClientDocument = {
      ...(await load(client, clientId, true)),
      secretHash: secretHash(secret),
    };
    checkAdminScopes(by, document.scope);
    await client.query('update auth.clients set document = $2 where client_id = $1', [clientId, JSON.stringify(document)]); // prettier-ignore
    await endClientAccess(client, clientId);
    await recordChange(client, by, {
      code: 'client-change',
      action: 'U',
      what: `client ${clientId}, new secret`,
    });
    return { client: shown(document), clientSecret: secret };
  });
}

/** With all that it was given. Throws FhirError 403 and 404. */
export async function deleteClient(
  { pool }: AdminContext,
  by: Administrator,
  clientId: string,
): Promise<void> {
  checkOther(by, clientId);
  await withTransaction(pool, async (client) => {
    await load(client, clientId, true);
    await client.query('delete from auth.clients where client_id = $1', [clientId]);
    await endClientAccess(client, clientId);
    await recordChange(client, by, { code: 'client-change', action: 'D', what: `client ${clientId}` });
  });
}
