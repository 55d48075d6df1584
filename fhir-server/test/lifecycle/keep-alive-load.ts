/** Clients that keep their connections, write and read what they wrote, and forgive nothing. */
import { Agent, request } from 'node:http';

export interface Load {
  /** Requests that had the answer they should have. */
  succeeded(): number;
  /** Each that failed, with why. */
  readonly failures: string[];
  /** Resolves when all have their answers. */
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function send(
  agent: Agent,
  port: number,
  token: string,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const payload = body && JSON.stringify(body);
    const sent = request(
      {
        ...{ agent, port, method, host: '127.0.0.1', path: `/fhir/R4/${path}` },
        headers: {
          Authorization: `Bearer ${token}`,
          ...(payload && {
            'Content-Type': 'application/fhir+json',
            'Content-Length': Buffer.byteLength(payload),
          }),
        },
        timeout: 30_000,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.once('error', reject);
      },
    );
    sent.once('error', reject).once('timeout', () => sent.destroy(new Error('no answer in 30 s')));
    sent.end(payload);
  });
}

/** One connection for each of `clients`, by turns to the ports. */
export function startKeepAliveLoad(ports: readonly number[], token: string, clients: number): Load {
  const failures: string[] = [];
  let [succeeded, isOver] = [0, false];
  const run = async (n: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const id = `load-${ports.join('-')}-${n}`;
    for (let round = 0; !isOver; round += 1) {
      const port = ports[(n + round) % ports.length]!;
      const text = `${id} ${round}`;
      const resource = {
        resourceType: 'Observation',
        id,
        status: 'final',
        code: { text: 'x' },
        valueString: text,
      };
      try {
        const written = await send(agent, port, token, 'PUT', `Observation/${id}`, resource);
        if (written.status >= 300) throw new Error(`PUT: ${written.status} ${written.text}`);
        const read = await send(
          agent,
          ports[(n + round + 1) % ports.length]!,
          token,
          'GET',
          `Observation/${id}`,
        );
        if (read.status !== 200 || !read.text.includes(text))
          throw new Error(`GET: ${read.status} ${read.text}`);
        succeeded += 2;
      } catch (error) {
        failures.push((error as Error).message);
      }
    }
    agent.destroy();
  };
  const running = Promise.all(Array.from({ length: clients }, (_, n) => run(n)));
  return {
    succeeded: () => succeeded,
    failures,
    async stop() {
      isOver = true;
      await running;
    },
  };
}
