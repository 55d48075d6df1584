/** The face of admin: accounts, clients, policies and grants, over HTTP and for the command line. */
export { OPERATOR } from './administrator.ts';
export { createClient, deleteClient, listClients, rotateSecret } from './clients.ts';
export type { AdminContext } from './context.ts';
export { deletePolicy, listPolicies, loadPolicy, putPolicy } from './policies.ts';
export { createAdmin, type AdminOptions } from './router.ts';
export { createUser, findUser, listUsers, replaceUser, resetPassword, resetSecondFactor } from './users.ts';
