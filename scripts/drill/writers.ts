/** Clients that write all the time, and keep book of what was acknowledged. */
import { randomBytes } from 'node:crypto';
import type { Clinic } from './clinic.ts';

/** `Type/id/_history/version` of each acknowledged write. */
export type Book = Set<string>;

export const CODE = 'https://example.org/drill|mark';
const CONTENT_BYTES = 40_000;

const patient = (id: string) => ({
  resourceType: 'Patient',
  id,
  name: [{ family: `Family-${id}` }],
});

const observation = (id: string, text: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'https://example.org/drill', code: 'mark' }] },
  subject: { reference: `Patient/${PATIENT}` },
  valueString: text,
});

export const PATIENT = 'drill-patient';

export interface Writing {
  readonly book: Book;
  /** Resolves when each request has had its answer. */
  readonly stop: () => Promise<void>;
}

/** Writes until stopped; then every request has had its answer. Each round of it has other ids but for one that is updated. */
export function startWriting(clinic: Clinic, round: string): Writing {
  const book: Book = new Set();
  let isOver = false;
  const write = async (
    method: string,
    path: string,
    ...rest: [body?: object | Buffer, headers?: Record<string, string>]
  ) => {
    const { status, etag, location, bytes } = await clinic.call(method, path, ...rest);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${bytes.toString()}`);
    const created = location?.split('/').slice(-4).join('/');
    book.add(created ?? `${path}/_history/${/"(.+)"/.exec(etag ?? '')?.[1] ?? ''}`);
  };
  const until = async (work: (n: number) => Promise<void>): Promise<void> => {
    for (let n = 0; !isOver; n += 1) await work(n);
  };
  const writing = Promise.all([
    write('PUT', `Patient/${PATIENT}`, patient(PATIENT)),
    until(async (n) => write('PUT', 'Observation/counter', observation('counter', `${round} ${n}`))),
    until(async (n) => {
      const id = `${round}-${n}`;
      await write('PUT', `Observation/${id}`, observation(id, id));
      if (n % 4 === 0) await write('DELETE', `Observation/${id}`);
    }),
    until(async () =>
      write('POST', 'Binary', randomBytes(CONTENT_BYTES), { 'Content-Type': 'application/pdf' }),
    ),
  ]);
  writing.catch(() => undefined);
  return {
    book,
    async stop() {
      isOver = true;
      await writing;
    },
  };
}
