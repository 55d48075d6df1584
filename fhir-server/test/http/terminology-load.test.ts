/** Code systems loaded by the command line from the files in which they are published. https://hl7.org/fhir/R4/terminologies-systems.html */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { writeOrderFile } from '../../../scripts/bench/order-file.ts';
import { loincFiles, rxnormFiles, snomedFiles } from '../support/releases.ts';
import { sharedData, testWith } from '../support/requirement.ts';
import { searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { terminologyCaller, type TerminologyCaller } from '../support/terminology-caller.ts';
import { zip } from '../support/zip.ts';

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm';
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const SNOMED = 'http://snomed.info/sct';
const icdTable = sharedData('terminology/icd10cm.tsv.gz');

let server: TestServer;
let caller: TerminologyCaller;
let folder: string;
let start: CommandLine['start'];
let cli: CommandLine['run'];

beforeAll(async () => {
  server = await startTestServer();
  caller = terminologyCaller(server);
  folder = mkdtempSync(join(tmpdir(), 'dr-assistant-releases-'));
  ({ start, run: cli } = commandLine({
    DATABASE_URL: server.databaseUrl,
    DATA_DIR: folder,
    // A load takes the connections that it needs.
    DATABASE_POOL_SIZE: '1',
  }));
}, 30_000);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.close();
});

function writeFiles(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, name, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return join(folder, name);
}

async function writeZip(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, await zip(files));
  return path;
}

const load = (...args: string[]) => cli(['terminology', 'load', ...args]);
const lookup = (system: string, code: string) =>
  caller.ask(`CodeSystem/$lookup?system=${system}&code=${code}`);
const codes = async (query: string): Promise<readonly unknown[]> =>
  ((await caller.expansion(`ValueSet/$expand?${query}`)).contains ?? []).map(({ code }) => code);
const filtered = (system: string, property: string, op: string, value: string) => ({
  resourceType: 'ValueSet',
  status: 'active',
  compose: { include: [{ system, filter: [{ property, op, value }] }] },
});
const expanded = async (valueSet: object): Promise<readonly unknown[]> =>
  ((await caller.expansion('ValueSet/$expand', valueSet)).contains ?? []).map(({ code }) => code);

describe('RxNorm', () => {
  beforeAll(async () => {
    const path = await writeZip('RxNorm_full_01062025.zip', rxnormFiles);
    const { code, told } = await load('rxnorm', path);
    expect([code, told]).toEqual([0, expect.stringContaining(`${RXNORM}|01062025 is loaded: 4 concepts.`)]);
  }, 30_000);

  test('has the names, attributes and relations of its concepts.', async () => {
    const answer = await lookup(RXNORM, '9000003');
    expect(answer).toContainEqual(['display', 'exampline 5 MG Oral Tablet']);
    expect(answer).toContainEqual(['version', '01062025']);
    const property = (code: string, value: string, more = {}) => ['property', { code, value, ...more }];
    expect(answer).toContainEqual(property('TTY', 'SCD'));
    expect(answer).toContainEqual(property('NDC', '99999000101'));
    expect(answer).not.toContainEqual(property('NDC', '99999-0001-01'));
    expect(answer).toContainEqual(property('has_ingredient', '9000001', { description: 'exampline' }));
    expect(JSON.stringify(answer)).toContain('exampline 5 mg tablet');
    expect((await caller.refusal(`CodeSystem/$lookup?system=${RXNORM}&code=9000005`))[0]).toBe(404);
  });

  test('is found by any name, filtered by attributes and relations, and knows what is obsolete.', async () => {
    expect(await codes(`url=${RXNORM}/vs&filter=examplin%20acid`)).toEqual(['9000001']);
    expect(await expanded(filtered(RXNORM, 'TTY', 'in', 'IN,BN'))).toEqual(['9000001', '9000002']);
    expect(await expanded(filtered(RXNORM, 'STY', '=', 'T121'))).toEqual(['9000001']);
    expect(await expanded(filtered(RXNORM, 'has_ingredient', '=', 'CUI:9000001'))).toEqual(['9000003']);
    expect(await codes(`url=${RXNORM}/vs&activeOnly=true&filter=tablet`)).toEqual(['9000003']);
    expect(await codes(`url=${RXNORM}/vs&filter=tablet`)).toEqual(['9000003', '9000004']);
  });

  test('counts the newest release where none is named, though its version begins with the month.', async () => {
    const old = { 'RXNCONSO.RRF': rxnormFiles['rrf/RXNCONSO.RRF']!.replace('Examplex', 'Oldplex') };
    expect((await load('rxnorm', writeFiles('old', old), '--version', '12022024')).code).toBe(0);
    expect(await lookup(RXNORM, '9000002')).toContainEqual(['display', 'Examplex']);
    expect(await lookup(RXNORM, '9000002&version=12022024')).toContainEqual(['display', 'Oldplex']);
    const { ids } = searcher(server);
    expect(await ids(`CodeSystem?url=${RXNORM}`)).toHaveLength(2);
    const { told } = await cli(['terminology', 'list']);
    expect(told).toMatch(/rxnorm\|12022024 {2}4 concepts, \d{4}-/);
    expect((await cli(['terminology', 'remove', `${RXNORM}|12022024`])).code).toBe(0);
    expect(await ids(`CodeSystem?url=${RXNORM}`)).toHaveLength(1);
    const missing = await cli(['terminology', 'remove', `${RXNORM}|12022024`]);
    expect(missing).toEqual({ code: 1, told: `${RXNORM}|12022024 is not loaded\n` });
  });
});

describe('LOINC', () => {
  beforeAll(async () => {
    const { code, told } = await load('loinc', await writeZip('Loinc_2.78.zip', loincFiles));
    expect([code, told]).toEqual([
      0,
      expect.stringContaining('http://loinc.org|2.78 is loaded: 11 concepts.'),
    ]);
  }, 30_000);

  test('has the axes, names and translations of its terms.', async () => {
    const answer = await lookup('http://loinc.org', '99001-1');
    expect(answer).toContainEqual(['display', 'Examplin [Mass/volume] in Serum']);
    expect(answer).toContainEqual(['property', { code: 'SCALE_TYP', value: 'Qn' }]);
    expect(answer).toContainEqual([
      'property',
      { code: 'definition', value: 'It has\nlines, and "quotes".' },
    ]);
    expect(JSON.stringify(answer)).toContain('Beispielin im Blut');
    expect(await expanded(filtered('http://loinc.org', 'copyright', '=', '3rdParty'))).toEqual(['99004-5']);
    expect(await codes('url=http://loinc.org/vs&filter=examplin&activeOnly=true')).not.toContain('99003-7');
  });

  test('has its hierarchy and the answers of its lists.', async () => {
    expect(await codes('url=http://loinc.org/vs/LP90002-9')).toEqual(['99001-1', 'LP90002-9']);
    expect(await codes('url=http://loinc.org/vs/LL9001-1')).toEqual(['LA9001-1', 'LA9002-9']);
    expect(await codes('url=http://loinc.org/vs/LL9002-9')).toEqual(['LA9001-1']);
    expect(await lookup('http://loinc.org', '99002-9')).toContainEqual([
      'property',
      { code: 'answer-list', value: 'LL9001-1', description: 'Yes or no' },
    ]);
  });
});

describe('SNOMED CT', () => {
  beforeAll(async () => {
    const { code, told } = await load('snomed', writeFiles('SnomedCT_INT', snomedFiles));
    const version = `${SNOMED}/900000000000207008/version/20240101`;
    expect([code, told]).toEqual([0, expect.stringContaining(`${SNOMED}|${version} is loaded: 6 concepts.`)]);
  }, 30_000);

  test('shows the preferred term, else the fully specified name.', async () => {
    expect(await lookup(SNOMED, '9990002')).toContainEqual(['display', 'Flu']);
    expect(await lookup(SNOMED, '9990003')).toContainEqual(['display', '"Bird flu']);
    expect(await lookup(SNOMED, '9990005')).toContainEqual(['display', 'Nose (body structure)']);
    const flu = JSON.stringify(await lookup(SNOMED, '9990002'));
    for (const name of ['Grippe', 'Influenza (disorder)', 'It comes in winter.']) expect(flu).toContain(name);
    expect(JSON.stringify(await lookup(SNOMED, '9990003'))).not.toContain('Withdrawn');
    expect(await lookup(SNOMED, '9990004')).toContainEqual(['property', { code: 'inactive', value: true }]);
  });

  test('has its hierarchy, attributes and reference sets.', async () => {
    expect(await codes(`url=${SNOMED}?fhir_vs=isa/9990001`)).toEqual(['9990001', '9990002', '9990003']);
    expect(await codes(`url=${SNOMED}?fhir_vs=refset/723264001`)).toEqual(['9990005']);
    expect(await expanded(filtered(SNOMED, 'concept', 'in', '723264001'))).toEqual(['9990005']);
    expect(await expanded(filtered(SNOMED, '363698007', '=', '9990005'))).toEqual(['9990002']);
    expect(await expanded(filtered(SNOMED, 'sufficientlyDefined', '=', 'true'))).toEqual(['9990002']);
    const subsumes = `CodeSystem/$subsumes?system=${SNOMED}&codeA=9990001&codeB=9990003`;
    expect(await caller.ask(subsumes)).toEqual([['outcome', 'subsumes']]);
  });

  test('is searched by its hierarchy.', async () => {
    const { store, ids } = searcher(server);
    const coding = [{ system: SNOMED, code: '9990003' }];
    await store(
      { resourceType: 'Patient', id: 's' },
      { resourceType: 'Condition', id: 'bird-flu', subject: { reference: 'Patient/s' }, code: { coding } },
    );
    expect(await ids(`Condition?code:below=${SNOMED}|9990001`)).toEqual(['bird-flu']);
    expect(await ids(`Condition?code:in=${SNOMED}?fhir_vs=isa/9990002`)).toEqual(['bird-flu']);
  });
});

describe('A release that is not as it should be', () => {
  const orderLine = '00001 A00     0 Cholera                                                      Cholera\n';
  const cases: readonly (readonly [string, string, Readonly<Record<string, string>>, string])[] = [
    ['without its file', 'icd10cm', { 'readme.txt': 'x' }, 'has no icd10cm-order-<year>.txt'],
    ['that does not tell its version', 'rxnorm', { 'RXNCONSO.RRF': '' }, 'give it with --version'],
    ['with two releases in it', 'icd10cm', { 'a/icd10cm-order-2024.txt': '', 'b/icd10cm-order-2025.txt': '' }, 'has more than one icd10cm-order-<year>.txt: a/icd10cm-order-2024.txt and b/icd10cm-order-2025.txt'],
    ['with a line in other columns', 'icd10cm', { 'icd10cm-order-2024.txt': `${orderLine}A00 Cholera\n` }, 'icd10cm-order-2024.txt, line 2: not an order, a code, 0 or 1, and two descriptions in their columns'],
    ['with a line too short', 'rxnorm', { 'X_01012025/RXNCONSO.RRF': `${rxnormFiles['rrf/RXNCONSO.RRF']}1|ENG|\n` }, 'RXNCONSO.RRF, line 8: '],
    ['without a name', 'rxnorm', { 'X_01012025/RXNCONSO.RRF': rxnormFiles['rrf/RXNCONSO.RRF']!.replace('Examplex|', '|') }, 'RXNCONSO.RRF, line 3: STR is empty'],
    ['that is not UTF-8', 'icd10cm', { 'icd10cm-order-2024.txt': orderLine.replace(/Cholera\n/, 'Chol\uFFFDra\n') }, 'icd10cm-order-2024.txt, line 1: the text is not UTF-8'],
    ['without a column', 'loinc', { 'Loinc_2.78/LoincTable/Loinc.csv': 'LOINC_NUM,STATUS\r\n' }, 'Loinc.csv, line 1: the header has no column LONG_COMMON_NAME, COMPONENT'],
    ['with a quote that does not end', 'loinc', { 'Loinc_2.78/LoincTable/Loinc.csv': `${loincFiles['LoincTable/Loinc.csv']}"99` }, 'Loinc.csv, line '],
    ['without descriptions', 'snomed', { 'sct2_Concept_Snapshot_INT_20240101.txt': '' }, 'has no sct2_Description_'],
  ]; // prettier-ignore

  test.each(cases)('%s is refused with the place.', async (what, name, files, message) => {
    const top = writeFiles(`bad-${what}`.replaceAll(/\W/g, '-'), files);
    const [path = ''] = Object.keys(files);
    const isNamed = /^(?:X|Loinc)_/.test(path);
    const { code, told } = await load(name, isNamed ? join(top, path.split('/')[0]!) : top);
    expect([code, told]).toEqual([1, expect.stringContaining(message)]);
  });

  test('leaves nothing, and what was loaded before as it is.', async () => {
    expect((await cli(['terminology', 'list'])).told).not.toMatch(/icd-10-cm|not complete|01012025/);
    const files = { ...rxnormFiles, 'rrf/RXNREL.RRF': 'x|\n' };
    const { code, told } = await load('rxnorm', await writeZip('bad_01062025.zip', files));
    expect([code, told]).toEqual([1, expect.stringContaining('rrf/RXNREL.RRF, line 1: ')]);
    expect(await lookup(RXNORM, '9000003')).toContainEqual(['display', 'exampline 5 MG Oral Tablet']);
  });

  test('is no archive, or not there.', async () => {
    const broken = join(folder, 'broken.zip');
    writeFileSync(broken, 'PK nothing of the kind');
    expect((await load('snomed', broken)).told).toContain('broken.zip cannot be read as a .zip');
    expect((await load('snomed', join(folder, 'none'))).told).toContain('is not there, or may not be read');
    expect((await load('cpt', folder)).code).toBe(2);
    const truncated = join(folder, 'icd10cm-order-2024.txt.gz');
    writeFileSync(truncated, gzipSync(orderLine.repeat(9)).subarray(0, 30));
    expect((await load('icd10cm', truncated)).told).toContain('icd10cm-order-2024.txt cannot be read');
  });
});

describe('ICD-10-CM', () => {
  const withTable = testWith(icdTable);

  withTable(
    'goes on after a kill where it was, and is loaded by one process at a time.',
    async () => {
      const path = join(folder, 'icd10cm-order-2022.txt');
      await writeOrderFile(icdTable.path!, path);
      const killed = start(['terminology', 'load', 'icd10cm', path]);
      let told = '';
      killed.stderr.on('data', (part) => (told += String(part)));
      while (!/[1-9]\d* records/.test(told)) await once(killed.stderr, 'data');
      expect((await load('icd10cm', path)).told).toContain('is being loaded by another process');
      killed.kill('SIGKILL');
      await once(killed, 'close');
      expect((await caller.refusal(`CodeSystem/$lookup?system=${ICD}&code=E11.9`))[0]).toBe(404);
      expect((await cli(['terminology', 'list'])).told).toContain(
        `${ICD}|2022  is not complete: load it again`,
      );

      const again = await load('icd10cm', path);
      expect(again.told).toContain('A load that was broken off goes on.');
      expect(again.told).toContain(`${ICD}|2022 is loaded: 95524 concepts, resumed.`);
      const answer = await lookup(ICD, 'E11.9');
      // Once each: nothing of the first run is there twice.
      const names = answer.flatMap(([name, value]) =>
        name === 'property' ? [(value as { code: string }).code] : [],
      );
      expect(names.toSorted()).toEqual(['billable', 'inactive', 'order', 'parent']);
      expect(answer).toContainEqual(['property', { code: 'billable', value: true }]);
      const { total } = await caller.expansion(`ValueSet/$expand?url=${ICD}/vs&count=0`);
      expect(total).toBe(95_524);
    },
    120_000,
  );
});
