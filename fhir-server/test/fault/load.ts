/** Writers that keep book of what was acknowledged: updates, creates, deletes, transactions, and visits for the bot. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle, Media, Observation } from '@medplum/fhirtypes';
import type { Client } from './client.ts';

export const CODE = { system: 'https://example.org/fault', code: 'mark' };
const MARKS = 'https://example.org/fault-mark';
/** Of the resources of one transaction. */
export const TOGETHER = 3;
const AFTER_FAULT_MS = 200;

/** What the server said yes to. */
export interface Book {
  /** Resource version, e.g. `Observation/a/_history/2`, to the mark that it was written with. */
  readonly versions: Map<string, string>;
  readonly deleted: Set<string>;
  /** Mark of a transaction to whether it was acknowledged. */
  readonly transactions: Map<string, boolean>;
  /** Ids of Media. */
  readonly visits: Set<string>;
  /** Requests that got no answer. */
  unanswered: number;
}

const observation = (mark: string): Observation => ({
  resourceType: 'Observation',
  identifier: [{ system: MARKS, value: mark }],
  status: 'final',
  code: { coding: [CODE] },
  subject: { reference: 'Patient/demo-patient' },
  valueString: mark,
});

const versionOf = (location: string | undefined): string =>
  /[A-Z]\w+\/[^/]+\/_history\/[^/]+$/.exec(location ?? '')?.[0] ?? '';

async function until(stopped: AbortSignal, pauseMs: number, work: (n: number) => Promise<void>) {
  for (let n = 0; !stopped.aborted; n += 1) {
    await work(n);
    await sleep(pauseMs);
  }
}

/** Writes until stopped. */
export async function writeUntil(client: Client, stopped: AbortSignal): Promise<Book> {
  const book: Book = {
    versions: new Map(),
    deleted: new Set(),
    transactions: new Map(),
    visits: new Set(),
    unanswered: 0,
  };
  const write = async (...request: Parameters<Client['attempt']>) => {
    const answer = await client.attempt(...request);
    if (answer === undefined) {
      book.unanswered += 1;
      await sleep(AFTER_FAULT_MS);
    } else if (answer.status >= 300 && answer.status !== 412)
      throw new Error(`${request[0]} ${request[1]}: ${answer.status} ${answer.body}`);
    return answer;
  };
  const counter = (id: string) => async (n: number) => {
    const mark = `${id}-${n}`;
    const answer = await write('PUT', `Observation/${id}`, { ...observation(mark), id });
    const version = /"(.+)"/.exec(answer?.etag ?? '')?.[1];
    if (version !== undefined) book.versions.set(`Observation/${id}/_history/${version}`, mark);
  };
  const creator = async (n: number): Promise<void> => {
    const mark = `created-${n}`;
    const answer = await write('POST', 'Observation', observation(mark));
    if (answer === undefined) return;
    const version = versionOf(answer.location);
    book.versions.set(version, mark);
    if (n % 5 > 0) return;
    const name = version.split('/_history/')[0]!;
    if ((await write('DELETE', name)) !== undefined) book.deleted.add(name);
  };
  const transactor = async (n: number): Promise<void> => {
    const mark = `together-${n}`;
    const entry = Array.from({ length: TOGETHER }, () => ({
      resource: observation(mark),
      request: { method: 'POST' as const, url: 'Observation' },
    }));
    book.transactions.set(mark, false);
    const answer = await write('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
    if (answer === undefined) return;
    book.transactions.set(mark, true);
    for (const { response } of (JSON.parse(answer.body) as Bundle).entry ?? [])
      book.versions.set(versionOf(response?.location), mark);
  };
  await Promise.all([
    until(stopped, 80, counter('counter-a')),
    until(stopped, 90, counter('counter-b')),
    until(stopped, 90, creator),
    until(stopped, 120, transactor),
    until(stopped, 1_500, (n) => recordVisit(write, book, `visit-${n}`)),
  ]);
  return book;
}

/** The same visit until it is acknowledged; a lost answer makes no second one. */
async function recordVisit(write: Client['attempt'], book: Book, id: string): Promise<void> {
  const spoken = `Doctor: What brings you in?\nPatient: I have had a cough for ${id.length} days.\nDoctor: Any fever?\nPatient: No.\nDoctor: You have acute bronchitis.`;
  const media: Media = {
    resourceType: 'Media',
    id,
    status: 'completed',
    subject: { reference: 'Patient/demo-patient' },
    content: { contentType: 'text/plain', data: btoa(spoken) },
  };
  for (;;) {
    const answer = await write('PUT', `Media/${id}`, media, { 'If-None-Match': '*' });
    if (answer !== undefined) break;
    await sleep(200);
  }
  book.visits.add(id);
}
