/** A search with an end counts what was found, not what came with it, and says when it was cut off. */
import { expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFhirApi } from '../../runtime/fhir-api.ts';

test('Included resources do not count, and a search that is cut off says so.', async () => {
  const server = createServer(({ url = '' }, response) => {
    const page = Number(new URL(url, 'http://x').searchParams.get('page') ?? '1');
    const entry = [
      { resource: { resourceType: 'Appointment', id: `a${page}` }, search: { mode: 'match' } },
      { resource: { resourceType: 'Patient', id: `p${page}` }, search: { mode: 'include' } },
    ];
    const link = page < 3 ? [{ relation: 'next', url: `Appointment?page=${page + 1}` }] : [];
    response.setHeader('Content-Type', 'application/fhir+json');
    response.end(JSON.stringify({ resourceType: 'Bundle', type: 'searchset', link, entry }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const warnings: unknown[] = [];
  const api = createFhirApi(
    `http://127.0.0.1:${port}/fhir`,
    { token: () => Promise.resolve('t'), forget: () => undefined },
    { warn: (fields: unknown) => void warnings.push(fields) },
  );
  const idsOf = async (max: number) => (await api.findAll('Appointment', {}, max)).map((r) => r.id);
  expect(await idsOf(3)).toEqual(['a1', 'a2', 'a3', 'p1', 'p2', 'p3']);
  expect(warnings).toEqual([]);
  expect(await idsOf(2)).toEqual(['a1', 'a2', 'p1', 'p2']);
  expect(warnings).toEqual([{ type: 'Appointment', max: 2 }]);
  await new Promise((resolve) => server.close(resolve));
});
