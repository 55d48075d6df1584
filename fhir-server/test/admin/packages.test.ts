/** Packages over the admin API: what is installed, what is refused before anything is stored, and who may. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { startAdministration, type Administration } from '../support/admin.ts';
import { expectInAudit } from '../support/audit.ts';
import { archive, packageOf } from '../support/package-archive.ts';

const BASE = 'https://packages.example/fhir';
const LIMIT = 256 * 1024;

let admin: Administration;
beforeAll(async () => {
  admin = await startAdministration({ PACKAGE_UPLOAD_BYTES_MAX: String(LIMIT) });
}, 60_000);
afterAll(() => admin.close());

async function send(
  packed: Buffer,
  token: string | undefined = admin.tokens.boss,
  type = 'application/gzip',
) {
  const response = await fetch(`${admin.server.baseUrl}/admin/packages`, {
    method: 'POST',
    headers: { 'Content-Type': type, ...(token === '' ? {} : { Authorization: `Bearer ${token}` }) },
    body: new Uint8Array(packed),
  });
  return { status: response.status, text: await response.text() };
}

const valueSet = (id: string, more: object = {}) => ({
  resourceType: 'ValueSet',
  id,
  url: `${BASE}/ValueSet/${id}`,
  status: 'active',
  ...more,
});
const stored = async (query: string): Promise<number> =>
  ((await (await admin.server.fhir('GET', query)).json()) as Bundle).total ?? 0;
const valueSets = () => stored(`ValueSet?url=${BASE}/ValueSet/colours&_summary=count`);
const packages = async () => (await admin.asBoss('GET', '/packages')).body['packages'] as readonly object[];

test('A package is installed with a report, listed, found by searches and in the audit; twice is once.', async () => {
  const contents = { resources: [valueSet('colours'), valueSet('faulty', { status: 'whatever' })], examples: [{ resourceType: 'Patient', id: 'x' }], dependencies: { 'other.package': '1.0.0' } }; // prettier-ignore
  const packed = await packageOf('my.package', '1.1.0', contents);
  const first = await send(packed);
  expect([first.status, JSON.parse(first.text)]).toEqual([
    200,
    {
      name: 'my.package',
      version: '1.1.0',
      wasInstalled: false,
      stored: 1,
      skipped: [expect.stringContaining('ValueSet-faulty.json')],
      restated: 0,
      missing: ['other.package@1.0.0'],
    },
  ]);
  expect([await valueSets(), await stored('Patient?_summary=count')]).toEqual([1, 0]);
  expect(await packages()).toEqual([
    expect.objectContaining({
      name: 'my.package',
      version: '1.1.0',
      resources: 1,
      skipped: 1,
      isSuperseded: false,
    }),
  ]);
  const again = await send(packed, admin.tokens.robot, 'application/octet-stream');
  expect([again.status, JSON.parse(again.text)]).toMatchObject([200, { wasInstalled: true, stored: 0 }]);
  await expectInAudit(admin.server, 'installation of the package my.package@1.1.0');
});

test('What is no package, unsafe, too large or older is refused with the reason, and stores nothing.', async () => {
  const manifest = { name: 'bad.package', version: '1.0.0', fhirVersions: ['4.0.1'] };
  const ours = ['package/package.json', manifest] as const;
  const wrong: readonly (readonly [string, Buffer, number, RegExp])[] = [
    ['text', Buffer.from('not gzip'), 422, /cannot be unpacked/],
    ['nothing', Buffer.alloc(0), 422, /unpacked|package\.json/],
    ['a gzipped text', gzipSync('not tar'), 422, /unpacked|package\.json/],
    ['no manifest', await archive(['package/ValueSet-a.json', valueSet('bad')]), 422, /package\.json/],
    [
      'another FHIR',
      await archive(['package/package.json', { ...manifest, fhirVersions: ['5.0.0'] }]),
      422,
      /5\.0\.0/,
    ],
    ['a way out', await archive(ours, ['package/../../x.json', valueSet('bad')]), 422, /unsafe name/],
    [
      'a link',
      await archive(ours, ['package/x.json', '', { type: 'symlink', linkname: '/etc/passwd' }]),
      422,
      /no file/,
    ],
    [
      'a bomb',
      await archive(ours, ['package/x.json', `"${' '.repeat(LIMIT * 4)}"`]),
      422,
      /PACKAGE_UPLOAD_BYTES_MAX/,
    ],
    ['much', Buffer.alloc(LIMIT + 1), 413, /too large/],
    ['an older one', await packageOf('my.package', '1.0.0', { resources: [valueSet('bad')] }), 422, /newer/],
  ];
  for (const [words, packed, status, reason] of wrong) {
    const answer = await send(packed);
    expect([words, answer.status, answer.text]).toEqual([words, status, expect.stringMatching(reason)]);
    expect([words, JSON.parse(answer.text)]).toMatchObject([words, { resourceType: 'OperationOutcome' }]);
  }
  for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x'])
    expect([type, (await send(await packageOf('other', '1.0.0'), undefined, type)).status]).toEqual([
      type,
      415,
    ]);
  expect(await stored(`ValueSet?url=${BASE}/ValueSet/bad&_summary=count`)).toBe(0);
  expect(await packages()).toHaveLength(1);
});

test('Only who has the scope installs and sees packages, and two at once are not in memory.', async () => {
  const { server, call, tokens } = admin;
  const packed = await packageOf('refused', '1.0.0', { resources: [valueSet('refused')] });
  expect((await send(packed, '')).status).toBe(401);
  for (const token of [tokens.clerk, await server.token('system/*.cruds')]) {
    expect((await send(packed, token)).status).toBe(403);
    expect((await send(Buffer.alloc(LIMIT + 1), token)).status).toBe(403);
    expect((await call(token, 'GET', '/packages')).status).toBe(403);
  }
  const many = Array.from({ length: 60 }, (_, i) => valueSet(`many-${i}`));
  const [one, two] = await Promise.all([
    send(await packageOf('one', '1.0.0', { resources: many })),
    send(await packageOf('two', '1.0.0', { resources: many })),
  ]);
  expect([one.status, two.status].toSorted()).toEqual([200, 503]);
  expect(await packages()).toHaveLength(2);
  expect((await admin.asBoss('GET', '/packages')).body['codeSystems']).toEqual([]);
});
