/** What the server gives to the driver, word for word. */
import pg from 'pg';

interface Sender {
  query: (this: unknown, ...args: unknown[]) => unknown;
}

/** The server's own driver (scripts/test-load-once.js), and that of the tests, which it has where modules are not shared. */
function drivers(): Sender[] {
  const { loadOnce } = globalThis as unknown as { loadOnce: (name: string) => typeof pg };
  return [pg, loadOnce('pg')].map(({ Client }) => Client.prototype as unknown as Sender);
}

/** The distinct statements that were sent while `act` ran, on all connections of this process. */
export async function statementsDuring(act: () => Promise<void>): Promise<string[]> {
  const heard = new Set<string>();
  const restore = drivers().map((prototype) => {
    const { query } = prototype;
    prototype.query = function (...args) {
      const [first] = args as [string | { readonly text?: string }];
      const text = typeof first === 'string' ? first : first.text;
      if (text !== undefined) heard.add(text.replaceAll(/\s+/g, ' ').trim());
      return query.apply(this, args);
    };
    return () => void (prototype.query = query);
  });
  try {
    await act();
  } finally {
    for (const undo of restore) undo();
  }
  return [...heard].sort();
}
