/**
 * Reads that may be a little old: searches, and operations that search much. They run on the replica, if there is one, and with
 * it wherever the client gets what he has a right to expect: docs/adr/0012-read-replicas.md. Reads by id, histories, and all
 * that a write depends on stay on the primary.
 */
import type { Principal } from '../access/index.ts';
import { endOfLog, inSnapshot, noteAuthor, type PoolClient } from '../db/index.ts';
import type { Request } from './server.ts';

/** All tokens of a user are one client, and so are all of a client without one. */
const nameOf = ({ userId, clientId }: Principal): string =>
  userId === undefined ? `client ${clientId}` : `user ${userId}`;

/** Whoever writes is not answered afterwards by a replica that lacks it. */
export const noteWriter = (client: PoolClient, principal: Principal): void =>
  noteAuthor(client, nameOf(principal));

export interface StaleReadOptions {
  /** What the page before has seen. */
  readonly seen?: string | undefined;
  /** Whether all statements must see the same state. */
  readonly isOfOneMoment: boolean;
}

/**
 * The work on a connection of its own choice, or in the transaction that the request is in. It may run twice, so that it must
 * have no effect but its result and the trail of what it disclosed, of which that of the last run counts.
 */
export async function readStale<T>(
  request: Request,
  { seen, isOfOneMoment }: StaleReadOptions,
  work: (inner: Request) => Promise<T>,
): Promise<T> {
  const { server, principal, trail } = request;
  // A transaction of its own sees one state anyway, or what it wrote itself.
  if (request.db !== server.reader) return work(request);
  const onPrimary = (): Promise<T> =>
    isOfOneMoment ? inSnapshot(server.pool, (db) => work({ ...request, db })) : work(request);
  if (server.replica === undefined) return onPrimary();
  return server.replica
    .read({
      client: nameOf(principal),
      seen,
      isOfOneMoment,
      async onReplica(db) {
        const own = trail?.fork();
        const result = await work({ ...request, db, ...(own && { trail: own }) });
        return { result, disclosed: own?.disclosed ?? [] };
      },
      onPrimary: async () => ({ result: await onPrimary(), disclosed: [] }),
    })
    .then(({ result, disclosed }) => {
      trail?.disclosed.push(...disclosed);
      return result;
    });
}

/** For links to other pages: a place in the log behind all that this page has seen. Undefined where all pages have one source. */
export async function seenBy({ server, db }: Request): Promise<string | undefined> {
  if (server.replica === undefined) return undefined;
  return db.seen === undefined ? endOfLog(server.reader) : db.seen();
}
