/** The bots fetch Binaries of their own FHIR server, whatever an attachment says. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { downloadBinary } from '../../runtime/download.ts';

let server: Server;
let baseUrl: string;
let asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.url ?? ''} ${request.headers.authorization ?? ''}`);
    if (request.url?.endsWith('/moved')) response.writeHead(302, { location: '/elsewhere' });
    response.end('sound');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir/R4`;
});

beforeEach(() => {
  asked = [];
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const statusOf = (reference: string, sizeMaxBytes = 1_000): Promise<unknown> =>
  downloadBinary(baseUrl, reference, 'secret', sizeMaxBytes).then(
    ({ data }) => data.toString(),
    (error: unknown) => (error as { status?: number }).status ?? 'failed',
  );

test('A Binary of the server is read, relative and absolute, up to the limit.', async () => {
  expect(await statusOf('Binary/b1')).toBe('sound');
  expect(await statusOf(`${baseUrl}/Binary/b1`)).toBe('sound');
  expect(await statusOf('Binary/b1', 4)).toBe(413);
});

test('No other address is asked, above all not with the token (attack 26).', async () => {
  const { host, port } = new URL(baseUrl);
  const references = [
    'http://169.254.169.254/latest/meta-data',
    `http://localhost:${port}/fhir/R4/Binary/b1`,
    `//${host}/Binary/b1`,
    `${baseUrl}.evil.example/Binary/b1`,
    `${baseUrl}evil/Binary/b1`,
    `http://${host}@evil.example/fhir/R4/Binary/b1`,
    'file:///etc/passwd',
    'data:text/plain,x',
    '../../oauth2/jwks',
    'Binary/../Patient/p1',
    'Binary/b1/../../Patient',
    'Binary/b1?_format=json',
    'Patient/p1',
  ];
  for (const reference of references)
    expect([reference, await statusOf(reference)]).toEqual([reference, 403]);
  expect(asked).toEqual([]);
});

test('A redirect is not followed.', async () => {
  expect(await statusOf('Binary/moved')).toBe('failed');
  expect(asked).toEqual(['/fhir/R4/Binary/moved Bearer secret']);
});
