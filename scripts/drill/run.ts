/** The drill: a clinic's server is written to, backed up, destroyed, and restored to a moment and to the end of its archive. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clinic, createClinic } from './clinic.ts';
import { type ArchivedCluster, startArchivedCluster } from './cluster.ts';
import { differences, type Snapshot, takeSnapshot } from './snapshot.ts';
import { type Book, CODE, PATIENT, startWriting } from './writers.ts';

export interface Restored {
  /** What is not as it must be. None is a drill that went well. */
  readonly faults: readonly string[];
  /** From an empty folder to an api that answers. */
  readonly ms: number;
}

export interface DrillReport {
  /** Of the moment: versions, contents, resources and searches that were compared. */
  readonly compared: number;
  readonly writtenAfterwards: number;
  readonly toTheMoment: Restored;
  readonly toTheEnd: Restored;
}

const SEARCHES = [
  `Observation?code=${CODE}&_count=200`,
  `Observation?subject=Patient/${PATIENT}&_count=200`,
  `Patient?family=Family-${PATIENT}`,
];
/** What is deleted by mistake. */
const VICTIM = `Patient/${PATIENT}`;

async function writeFor(
  clinic: Clinic,
  round: string,
  ms: number,
  meanwhile?: () => Promise<void>,
): Promise<Book> {
  const { book, stop } = startWriting(clinic, round);
  try {
    await Promise.all([sleep(ms), meanwhile?.()]);
  } finally {
    await stop();
  }
  return book;
}

async function deleteByMistake(clinic: Clinic): Promise<void> {
  const { status, bytes } = await clinic.call('DELETE', VICTIM);
  if (status >= 300) throw new Error(`the mistake is refused: ${bytes.toString()}`);
}

/** `home` is a folder for what the api keeps, and for the copy of it. Clients write for `writeMs` in each of three rounds. */
export async function runDrill(
  home: string,
  { writeMs, say }: { writeMs: number; say: (line: string) => void },
): Promise<DrillReport> {
  const [dataDir, copy] = [join(home, 'data'), join(home, 'content-copy')];
  mkdirSync(dataDir);
  const cluster = await startArchivedCluster();
  let clinic: Clinic | undefined;
  try {
    clinic = await createClinic(cluster.url, home, dataDir);
    await clinic.start();
    await clinic.renewToken();
    const refreshToken = await clinic.logIn();
    const before = await writeFor(clinic, 'first', writeMs, () => cluster.backUp());
    say(`base backup taken while ${before.size} writes were acknowledged`);
    for (const version of await writeFor(clinic, 'second', writeMs)) before.add(version);
    const wanted = await takeSnapshot(clinic, SEARCHES);
    const moment = await cluster.moment();
    say(`${moment}: ${wanted.size} checksums of what is there`);
    const after = await writeFor(clinic, 'third', writeMs);
    await deleteByMistake(clinic);
    await cluster.archived();
    const end = await takeSnapshot(clinic, SEARCHES);
    // After the database's last segment, so that the copy has all that the database names.
    execFileSync('cp', ['-a', dataDir, copy]);
    say(`${after.size} writes and the deletion of ${VICTIM} since then; the archive is complete`);
    const restore = (until: string | undefined, check: () => Promise<string[]>) =>
      restoreAndCheck({ cluster, clinic: clinic!, dataDir, copy }, until, check);
    const toTheMoment = await restore(moment, async () => [
      ...(await checkMoment(clinic!, wanted, after)),
      ...(await checkAccounts(clinic!, refreshToken)),
    ]);
    say(`restored to ${moment} in ${toTheMoment.ms} ms: ${toTheMoment.faults.length} faults`);
    const toTheEnd = await restore(undefined, () => checkEnd(clinic!, end, [...before, ...after]));
    say(`restored to the end in ${toTheEnd.ms} ms: ${toTheEnd.faults.length} faults`);
    return { compared: wanted.size, writtenAfterwards: after.size, toTheMoment, toTheEnd };
  } finally {
    await clinic?.stop();
    await cluster.remove();
  }
}

/** Database and content are gone; the accounts' secrets and settings of the api are what they were. */
async function restoreAndCheck(
  {
    cluster,
    clinic,
    dataDir,
    copy,
  }: { cluster: ArchivedCluster; clinic: Clinic; dataDir: string; copy: string },
  until: string | undefined,
  check: () => Promise<string[]>,
): Promise<Restored> {
  await clinic.stop();
  await cluster.destroy();
  rmSync(dataDir, { recursive: true });
  const begin = performance.now();
  execFileSync('cp', ['-a', copy, dataDir]);
  await cluster.restore(until);
  await clinic.start();
  const ms = Math.round(performance.now() - begin);
  return { ms, faults: await check() };
}

/** With the token that was given out before the disaster. */
async function checkMoment(clinic: Clinic, wanted: Snapshot, after: Book): Promise<string[]> {
  const found = await takeSnapshot(clinic, SEARCHES);
  const { status } = await clinic.call('GET', VICTIM);
  return [
    ...differences(wanted, found),
    ...[...after].filter((version) => found.has(version)).map((version) => `${version} is of later`),
    ...(status === 200 ? [] : [`${VICTIM} is answered with ${status}`]),
  ];
}

async function checkAccounts(clinic: Clinic, refreshToken: string): Promise<string[]> {
  const attempt = (what: string, work: () => Promise<unknown>): Promise<string[]> =>
    work().then(
      () => [],
      (error: unknown) => [`${what}: ${(error as Error).message}`],
    );
  const status = await clinic.refresh(refreshToken);
  return [
    ...(status === 200 ? [] : [`a refresh token of before is answered with ${status}`]),
    ...(await attempt('log-in with a password', () => clinic.logIn())),
    ...(await attempt('a new token of the client', () => clinic.renewToken())),
    ...(await attempt('a write', async () => {
      const answer = await clinic.call('PUT', 'Basic/after', {
        resourceType: 'Basic',
        id: 'after',
        code: { text: 'x' },
      });
      if (answer.status !== 201) throw new Error(`${answer.status} ${answer.bytes.toString()}`);
    })),
  ];
}

/** All that was archived is there, and the mistake too. */
async function checkEnd(clinic: Clinic, end: Snapshot, acknowledged: readonly string[]): Promise<string[]> {
  // The last one was of the other way back.
  await clinic.renewToken();
  const found = await takeSnapshot(clinic, SEARCHES);
  return [
    ...differences(end, found),
    ...acknowledged.filter((v) => !found.has(v)).map((v) => `${v} was acknowledged, and is lost`),
  ];
}
