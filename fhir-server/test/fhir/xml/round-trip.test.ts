/** The official examples of FHIR R4 go from JSON to XML and back unchanged, decimals to the letter. https://hl7.org/fhir/R4/xml.html */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { parseJson, toJson } from '../../../src/fhir/json/index.ts';
import { parseXml, serializeXml, serializeXmlInTurns } from '../../../src/fhir/xml/index.ts';

const folder = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));

/** Of what the comparison may not see: white space around a narrative, how it writes the same, and the order of members. */
function normal(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => normal(item));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => name !== 'fhir_comments')
        .map(([name, child]) => [name, normal(child, name)]),
    );
  return key === 'div' && typeof value === 'string' ? words(value) : value;
}

const words = (div: string): string =>
  div
    .replace(/\sxmlns="[^"]*"|\s+/g, ' ')
    .replace(/<(?:[^>"]|"[^"]*")*>/g, (tag) => (tag.startsWith('</') ? '' : (/^<[\w]+/.exec(tag)?.[0] ?? '')))
    .replace(/&(#?\w+);/g, '')
    .replace(/[^\w<]/g, '');

/** A hundred are larger: collections of definitions, whose resources are examples themselves, and long narratives. */
const SIZE_MAX = 200_000;

const examples = readdirSync(folder)
  .filter((f) => statSync(join(folder, f)).size < SIZE_MAX)
  .filter((f) => f.endsWith('.json') && f !== 'package.json' && !f.startsWith('.'));

test('Examples come back as they were.', async () => {
  const different: string[] = [];
  let count = 0;
  for (const file of examples) {
    const value = parseJson(readFileSync(join(folder, file), 'utf8')) as { resourceType?: string };
    if (value.resourceType === undefined) continue;
    count += 1;
    try {
      const back = (await parseXml(serializeXml(value))) as object;
      const [was, is] = [value, back].map((v) => JSON.stringify(sorted(normal(JSON.parse(toJson(v))))));
      const numbers = [value, back].map((v) =>
        JSON.stringify([...toJson(v).matchAll(/":(-?\d[\d.eE+-]*)/g)].map(([, n]) => n).sort()),
      );
      if (was !== is || numbers[0] !== numbers[1]) different.push(file);
    } catch (error) {
      different.push(`${file}: ${String(error)}`);
    }
  }
  expect(count).toBeGreaterThan(4_900);
  expect(different).toEqual([]);
}, 120_000);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
}

test('A large Bundle is written in turns as it is at once.', async () => {
  const entry = Array.from({ length: 200 }, (_, i) => ({
    fullUrl: `urn:x:${i}`,
    resource: { resourceType: 'Basic', id: `${i}`, code: { text: '$& </Bundle>' } },
  }));
  const bundle = {
    resourceType: 'Bundle',
    id: 'b',
    type: 'collection',
    total: 3,
    entry,
    signature: { who: { display: 'x' } },
  };
  for (const isPretty of [false, true])
    expect(await serializeXmlInTurns(bundle, isPretty)).toBe(serializeXml(bundle, isPretty));
});
