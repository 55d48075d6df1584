/** Every address of the admin API with the scope that it needs, in one table. */
import type { SecurityCode } from '../audit/index.ts';
import type { AdminScope } from '../auth/index.ts';
import type { Administrator } from './administrator.ts';
import {
  createClient,
  deleteClient,
  listClients,
  loadClient,
  replaceClient,
  rotateSecret,
} from './clients.ts';
import { checkUserAccess } from './access-check.ts';
import type { AdminServices } from './context.ts';
import { listGrants, revokeGrant } from './grants.ts';
import { installUpload, listInstalled } from './packages.ts';
import { deletePolicy, listPolicies, loadPolicy, putPolicy } from './policies.ts';
import { cancelJob, listJobs } from './jobs.ts';
import { listDeliveries, replayDeliveries } from './deliveries.ts';
import {
  createUser,
  endSessions,
  listUsers,
  loadUser,
  replaceUser,
  resetPassword,
  resetSecondFactor,
  type Page,
} from './users.ts';

export interface Call {
  readonly by: Administrator;
  readonly id: string;
  readonly body: unknown;
  /** Of a route that takes a package. */
  readonly upload: Buffer;
  readonly page: Page;
  readonly query: (name: string) => string | undefined;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

export interface Reply {
  readonly status?: number;
  readonly body?: object;
  /** What the entity tag is made of, where the answer is a document that can be replaced. */
  readonly state?: object;
  /** Below /admin. */
  readonly location?: string;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly scope: AdminScope;
  /** Whether its body is a gzipped file, and no JSON. */
  readonly takesUpload?: true;
  readonly run: (context: AdminServices, call: Call) => Promise<Reply>;
}

const route = (method: Route['method'], path: string, scope: AdminScope, run: Route['run']): Route => ({
  method,
  path,
  scope,
  run,
});

const document = (state: object): Reply => ({ body: state, state });
const segment = encodeURIComponent;

const USERS: readonly Route[] = [
  route('GET', '/users', 'admin/users.read', async (context, { page, query }) => ({
    body: { users: await listUsers(context, page, query('username')) },
  })),
  route('POST', '/users', 'admin/users.write', async (context, { by, body }) => {
    const { user, temporaryPassword } = await createUser(context, by, body);
    return { status: 201, body: { ...user, temporaryPassword }, state: user, location: `/users/${user.id}` };
  }),
  route('GET', '/users/:id', 'admin/users.read', async ({ pool }, { id }) =>
    document(await loadUser(pool, id)),
  ),
  route('PUT', '/users/:id', 'admin/users.write', async (context, { by, id, body, ifMatch }) =>
    document(await replaceUser(context, by, id, body, ifMatch)),
  ),
  route('POST', '/users/:id/temporary-password', 'admin/users.write', async (context, { by, id }) => {
    const { user, temporaryPassword } = await resetPassword(context, by, id);
    return { body: { ...user, temporaryPassword }, state: user };
  }),
  route('POST', '/users/:id/reset-second-factor', 'admin/users.write', async (context, { by, id }) => {
    await resetSecondFactor(context, by, id);
    return { status: 204 };
  }),
  route('POST', '/users/:id/end-sessions', 'admin/users.write', async (context, { by, id }) => {
    await endSessions(context, by, id);
    return { status: 204 };
  }),
];

const CLIENTS: readonly Route[] = [
  route('GET', '/clients', 'admin/clients.read', async (context, { page }) => ({
    body: { clients: await listClients(context, page) },
  })),
  route('POST', '/clients', 'admin/clients.write', async (context, { by, body }) => {
    const { client, ...secret } = await createClient(context, by, body);
    const location = `/clients/${segment(client.clientId)}`;
    return { status: 201, body: { ...client, ...secret }, state: client, location };
  }),
  route('GET', '/clients/:id', 'admin/clients.read', async ({ pool }, { id }) =>
    document(await loadClient(pool, id)),
  ),
  route('PUT', '/clients/:id', 'admin/clients.write', async (context, { by, id, body, ifMatch }) =>
    document(await replaceClient(context, by, id, body, ifMatch)),
  ),
  route('DELETE', '/clients/:id', 'admin/clients.write', async (context, { by, id }) => {
    await deleteClient(context, by, id);
    return { status: 204 };
  }),
  route('POST', '/clients/:id/secret', 'admin/clients.write', async (context, { by, id }) => {
    const { client, ...secret } = await rotateSecret(context, by, id);
    return { body: { ...client, ...secret }, state: client };
  }),
];

const POLICIES: readonly Route[] = [
  route('GET', '/policies', 'admin/policies.read', async (context) => ({
    body: { policies: await listPolicies(context) },
  })),
  route('GET', '/policies/:id', 'admin/policies.read', async ({ pool }, { id }) =>
    document(await loadPolicy(pool, id)),
  ),
  route('PUT', '/policies/:id', 'admin/policies.write', async (context, call) => {
    const { policy, isNew } = await putPolicy(context, call.by, call.id, call.body, call);
    return {
      ...document(policy),
      ...(isNew ? { status: 201, location: `/policies/${segment(call.id)}` } : {}),
    };
  }),
  route('DELETE', '/policies/:id', 'admin/policies.write', async (context, { by, id, ifMatch }) => {
    await deletePolicy(context, by, id, ifMatch);
    return { status: 204 };
  }),
];

const GRANTS: readonly Route[] = [
  route('GET', '/grants', 'admin/grants.read', async (context, { page, query }) => ({
    body: { grants: await listGrants(context, page, { user: query('user'), client: query('client') }) },
  })),
  route('DELETE', '/grants/:id', 'admin/grants.write', async (context, { by, id }) => {
    await revokeGrant(context, by, id);
    return { status: 204 };
  }),
];

const ACCESS: readonly Route[] = [
  route('POST', '/access-check', 'admin/access.read', async (context, { by, body }) => ({
    body: await checkUserAccess(context, by, body),
  })),
];

const SUBSCRIPTIONS: readonly Route[] = [
  route('GET', '/subscriptions', 'admin/subscriptions.read', async (context) => ({
    body: { subscriptions: await listDeliveries(context) },
  })),
  route('POST', '/subscriptions/:id/replay', 'admin/subscriptions.write', async (context, call) => ({
    body: { replayed: await replayDeliveries(context, call.by, call.id, call.query('since')) },
  })),
];

const JOBS: readonly Route[] = [
  route('GET', '/jobs', 'admin/jobs.read', async (context) => ({ body: { jobs: await listJobs(context) } })),
  route('DELETE', '/jobs/:id', 'admin/jobs.write', async (context, { by, id }) => {
    await cancelJob(context, by, id);
    return { status: 204 };
  }),
];

const PACKAGES: readonly Route[] = [
  route('GET', '/packages', 'admin/packages.read', async (context) => ({
    body: await listInstalled(context),
  })),
  {
    ...route('POST', '/packages', 'admin/packages.write', async (context, { by, upload }) => ({
      body: await installUpload(context, by, upload),
    })),
    takesUpload: true,
  },
];

const METRICS: readonly Route[] = [
  route('GET', '/metrics', 'admin/metrics.read', async ({ figures }) => ({ body: await figures() })),
];

export const ROUTES: readonly Route[] = [
  ...USERS,
  ...CLIENTS,
  ...POLICIES,
  ...GRANTS,
  ...ACCESS,
  ...SUBSCRIPTIONS,
  ...JOBS,
  ...METRICS,
  ...PACKAGES,
];

/** What a refusal is told to the audit as. */
export const CODE: Readonly<Record<string, SecurityCode>> = {
  users: 'user-change',
  clients: 'client-change',
  policies: 'policy-change',
  grants: 'access-revoked',
};
