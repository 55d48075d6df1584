/** Stored rows fit the code that reads them: a change of how resources are indexed needs a new INDEX_FORM. */
import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { createRegistry } from '../../src/reindex/index.ts';
import { extractIndex } from '../../src/search/index.ts';
import { INDEX_FORM } from '../../src/storage/index.ts';
import { encodeIndexRow } from '../../src/storage/search-sql/index.ts';
import { columnsOf, toWords } from '../../src/storage/write-versions.ts';
import { generateResources } from '../search/reference/generate.ts';

/** The line to replace; a failure prints the new one. */
const PINNED = { form: 4, resources: '5ceaabb5c003413e', index: '40107dd885ca84a0' };

const BASE_URL = 'http://localhost:8103/fhir/R4';

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

test('The index of the same resources is that of the pinned form.', () => {
  const registry = createRegistry();
  const resources = generateResources(BASE_URL);
  const types = [...new Set(resources.map((r) => r.resourceType))];
  const columns = types.map((type) =>
    columnsOf(registry, type).map(({ name, type: of, cast }) => [type, name, of, cast?.('value')]),
  );
  const rows = resources.map((resource) => {
    const row = extractIndex(resource, { registry, baseUrl: BASE_URL });
    return [encodeIndexRow(row), row.labels, row.words];
  });
  const found = {
    form: INDEX_FORM,
    resources: digest(resources),
    index: digest([rows, columns, toWords('a', 'b')]),
  };
  expect(verdict(found)).toBe('as pinned');
});

/** Which change there was, and what is to be done about it. */
function verdict(found: typeof PINNED): string {
  const line = `const PINNED = { form: ${found.form}, resources: '${found.resources}', index: '${found.index}' };`;
  if (found.form === PINNED.form && found.resources === PINNED.resources && found.index !== PINNED.index)
    return `Resources are indexed in another way than stored rows are: raise INDEX_FORM in src/storage/table-definition.ts, so that these are indexed anew. Then pin here: ${line.replace(`form: ${found.form}`, `form: ${found.form + 1}`)}`;
  if (JSON.stringify(found) !== JSON.stringify(PINNED))
    return `The form was raised or the generated resources are others (then the index differs for that alone). Pin here: ${line}`;
  return 'as pinned';
}
