/** The pages by their addresses. */
import { hashRoutes } from '@dr-assistant/ui/layout';

export const { useRoute, pathTo } = hashRoutes({
  types: '/',
  search: '/search/:type',
  create: '/create/:type',
  resource: '/resource/:type/:id',
  users: '/users',
  user: '/users/:id',
  clients: '/clients',
  client: '/clients/:id',
  grants: '/grants',
  policies: '/policies',
  policy: '/policies/:name',
  access: '/access',
  subscriptions: '/subscriptions',
  audit: '/audit',
  bots: '/bots',
  metrics: '/metrics',
  packages: '/packages',
  server: '/server',
  query: '/query',
});

/** Where a reference leads; undefined for what is not of this server. */
export function pathOfReference(reference: string): string | undefined {
  const [, type, id] = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/.+)?$/.exec(reference) ?? [];
  return type === undefined || id === undefined ? undefined : pathTo('resource', { type, id });
}
