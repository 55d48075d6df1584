/** Statements sent to one connection within one turn of the event loop go out in one packet. */
import type pg from 'pg';

interface Corkable {
  cork(): void;
  uncork(): void;
}

/** The driver's socket; its own cork and uncork around each statement nest within ours. */
const streamOf = (client: pg.ClientBase): Corkable =>
  (client as unknown as { connection: { stream: Corkable } }).connection.stream;

const gathering = new WeakSet<pg.ClientBase>();

/** To be called before a statement is sent. The connection must be pipelined, or statements wait for each other anyway. */
export function gather(client: pg.ClientBase): void {
  if (gathering.has(client)) return;
  gathering.add(client);
  const stream = streamOf(client);
  stream.cork();
  setImmediate(() => {
    gathering.delete(client);
    stream.uncork();
  });
}
