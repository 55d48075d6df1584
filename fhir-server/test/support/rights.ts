/** Accounts and policies of a test, beside those that every test server has. */
import type { AccessPolicy } from '../../src/access/index.ts';
import { type ProvisionDocument, provisionAccounts } from '../../src/auth/index.ts';
import { createPool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { appToken } from './app-token.ts';
import { PASSWORD, type TestServer } from './server.ts';

type User = Omit<ProvisionDocument['users'][number], 'password'>;

export async function addRights(
  server: TestServer,
  {
    policies = [],
    users = [],
    clients = [],
  }: {
    readonly policies?: readonly AccessPolicy[];
    readonly users?: readonly User[];
    readonly clients?: ProvisionDocument['clients'];
  },
): Promise<void> {
  const pool = createPool(
    loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'a secret that is long enough for tests' }),
  );
  try {
    for (const policy of policies)
      await pool.query(
        `insert into auth.access_policy (name, document, changed) values ($1, $2, true)
         on conflict (name) do update set document = excluded.document, changed = true`,
        [policy.name, JSON.stringify(policy)],
      );
    await provisionAccounts(pool, {
      users: users.map((user) => ({ ...user, password: PASSWORD })),
      clients,
    });
  } finally {
    await pool.end();
  }
}

/** What the user may do himself, through an app that may do all that he may. */
export const userToken = (server: TestServer, username: string): Promise<string> =>
  appToken(server, username, 'user/*.cruds');

/** Status, and ids of what is found, `Type/id` each and sorted, in one line. */
export async function seen(
  server: TestServer,
  token: string,
  path: string,
  options: {
    readonly method?: string;
    readonly body?: object;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<string> {
  const { method = 'GET', ...rest } = options;
  const response = await server.fhir(method, path, { token, ...rest });
  const text = await response.text();
  const body = (text.startsWith('{') ? JSON.parse(text) : {}) as {
    resourceType?: string;
    id?: string;
    total?: number;
    entry?: { resource?: { resourceType: string; id?: string } }[];
  };
  if (body.resourceType !== 'Bundle') return String(response.status);
  const names = (body.entry ?? []).flatMap(({ resource }) =>
    resource === undefined || resource.resourceType === 'OperationOutcome'
      ? []
      : [`${resource.resourceType}/${resource.id ?? ''}`],
  );
  const total = body.total === undefined ? '' : ` of ${body.total}`;
  return `${response.status}${total} ${[...new Set(names)].sort().join(' ')}`.trim();
}
