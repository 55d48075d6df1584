/** Packages are read within limits, and none can write or read outside of itself. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { PackageError, readPackage } from '../../src/package/index.ts';
import { archive, type PackageFile } from '../support/package-archive.ts';
import { testWith } from '../support/requirement.ts';
import { loadUsCore, PACKAGE_LIMITS, usCoreData, usCoreFile } from '../support/us-core.ts';

const MANIFEST: PackageFile = [
  'package/package.json',
  { name: 'test.pack', version: '1.0.0', fhirVersions: ['4.0.1'] },
];
const PATIENT = { resourceType: 'Patient', id: 'p' };

const read = (packed: Buffer, limits: Partial<typeof PACKAGE_LIMITS> = {}) =>
  readPackage(Readable.from([packed]), { ...PACKAGE_LIMITS, ...limits });

testWith(usCoreData)('US Core 6.1.0 is read with its manifest, its resources and its examples.', async () => {
  const { name, version, canonical, dependencies, resources, examples } = await loadUsCore();
  expect({ name, version, canonical }).toEqual({
    name: 'hl7.fhir.us.core',
    version: '6.1.0',
    canonical: 'http://hl7.org/fhir/us/core',
  });
  expect(dependencies['hl7.fhir.r4.core']).toBe('4.0.1');
  const counts = Map.groupBy(resources, ({ resource }) => resource.resourceType);
  expect([counts.get('StructureDefinition')?.length, counts.get('SearchParameter')?.length]).toEqual([
    59, 106,
  ]);
  expect(examples.length).toBe(183);
});

testWith(usCoreData)('A package that is cut off is refused.', async () => {
  const cut = createReadStream(usCoreFile(), { end: 500_000 });
  await expect(readPackage(cut, PACKAGE_LIMITS)).rejects.toThrow(PackageError);
});

test('Resources below package/ and examples are read; other folders and files are not (attack 30).', async () => {
  const packed = await archive(
    MANIFEST,
    ['package/.index.json', { files: [] }],
    ['./package/Patient-p.json', PATIENT],
    ['package/example/Patient-q.json', { ...PATIENT, id: 'q' }],
    ['package-evil/Patient-r.json', PATIENT],
    ['other/Patient-s.json', PATIENT],
    ['package/xml/Patient-t.json', PATIENT],
    ['package/readme.txt', 'no resource'],
  );
  const { resources, examples } = await read(packed);
  expect(resources.map((r) => r.file)).toEqual(['package/Patient-p.json']);
  expect(examples.map((r) => r.file)).toEqual(['package/example/Patient-q.json']);
});

describe('What could reach outside of the package refuses all of it (attack 30)', () => {
  test.each<[string, PackageFile]>([
    ['a name that climbs', ['package/../../Patient-p.json', PATIENT]],
    ['a name that climbs out of a sibling', ['package-x/../package/Patient-p.json', PATIENT]],
    ['an absolute name', ['/package/Patient-p.json', PATIENT]],
    ['a name with backslashes', ['package\\..\\Patient-p.json', PATIENT]],
    ['a drive', ['C:/package/Patient-p.json', PATIENT]],
    ['a symbolic link', ['package/Patient-p.json', '', { type: 'symlink', linkname: '/etc/passwd' }]],
    ['a hard link', ['package/Patient-p.json', '', { type: 'link', linkname: '/etc/passwd' }]],
    ['a device', ['package/Patient-p.json', '', { type: 'character-device' }]],
  ])('%s', async (_name, file) => {
    await expect(read(await archive(MANIFEST, file))).rejects.toThrow(/unsafe name|no file/);
  });
});

describe('What is no package, or too much of one, is refused (attack 27)', () => {
  const zeros = { ...PATIENT, text: '0'.repeat(3_000_000) };
  test.each<[string, PackageFile[], Partial<typeof PACKAGE_LIMITS>, RegExp]>([
    ['no manifest', [['package/Patient-p.json', PATIENT]], {}, /no package\/package.json/],
    ['a manifest without a version', [['package/package.json', { name: 'a.b' }]], {}, /no usable version/],
    ['a name like a path', [['package/package.json', { name: '../a', version: '1' }]], {}, /no usable name/],
    ['another FHIR', [['package/package.json', { name: 'a', version: '1', fhirVersions: ['5.0.0'] }]], {}, /FHIR 5.0.0/],
    ['no JSON', [MANIFEST, ['package/Patient-p.json', '{']], {}, /is no JSON/],
    ['an entry twice', [MANIFEST, MANIFEST], {}, /twice/],
    ['too many entries', [MANIFEST, ['package/a.json', {}]], { entriesMax: 1 }, /PACKAGE_ENTRIES_MAX/],
    ['too many bytes', [MANIFEST, ['package/a.json', zeros]], { unpackedBytesMax: 100_000, ratioMax: 1e6 }, /PACKAGE_UNPACKED_BYTES_MAX/],
    ['a bomb', [MANIFEST, ['package/a.json', zeros]], {}, /PACKAGE_RATIO_MAX/],
  ])('%s', async (_name, files, limits, message) => {
    await expect(read(await archive(...files), limits)).rejects.toThrow(message);
  }); // prettier-ignore

  test('bytes that are no gzip', async () => {
    await expect(read(Buffer.from('hello'))).rejects.toThrow(PackageError);
  });
});
