/** What operations.md says of backups, done: a base backup under load, a disaster, and two ways back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type DrillReport, runDrill } from '../drill/run.ts';
import { differences } from '../drill/snapshot.ts';

let home: string;
let report: DrillReport;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'dr-assistant-drill-'));
  report = await runDrill(home, { writeMs: 700, say: () => undefined });
}, 240_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('Restored to a moment, each version, content and search is as it was, the deletion by mistake and what came later are not there, and tokens and log-ins hold.', () => {
  expect(report.compared).toBeGreaterThan(60);
  expect(report.writtenAfterwards).toBeGreaterThan(20);
  expect(report.toTheMoment.faults).toEqual([]);
});

test('Restored to the end of the archive, every acknowledged write is there.', () => {
  expect(report.toTheEnd.faults).toEqual([]);
});

test('A drill notices what is missing, other, or too much.', () => {
  const of = (...entries: [string, string][]): ReadonlyMap<string, string> => new Map(entries);
  expect(
    differences(of(['A/1', 'x'], ['A/2', 'x'], ['A/3', 'x']), of(['A/1', 'x'], ['A/2', 'y'], ['A/4', 'x'])),
  ).toEqual(['A/2 is not what it was', 'A/3 is missing', 'A/4 was not there']);
});
