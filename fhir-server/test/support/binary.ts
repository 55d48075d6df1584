/** Content of Binaries as clients send and read it. */
import type { Resource } from '@medplum/fhirtypes';
import type { TestServer } from './server.ts';

export interface SentBinary {
  readonly id: string;
  readonly status: number;
  readonly version: string | null;
}

/** POST without an id, PUT with one. */
export async function send(
  server: TestServer,
  body: Uint8Array<ArrayBuffer>,
  { id, headers = {} }: { readonly id?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<SentBinary> {
  const response = await server.fhir(
    id === undefined ? 'POST' : 'PUT',
    id === undefined ? 'Binary' : `Binary/${id}`,
    {
      body,
      headers: { 'Content-Type': 'audio/wav', ...headers },
    },
  );
  const resource = (await response.json()) as Resource;
  return { id: resource.id ?? '', status: response.status, version: response.headers.get('etag') };
}

export const bytesOf = async (response: Response): Promise<Buffer> =>
  Buffer.from(await response.arrayBuffer());

/** No multiple of a part's length, so that pieces that are swapped do not look alike. */
const PERIOD = 65_521;

export const noise = (length: number, seed = 7): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < Math.min(length, PERIOD); i += 1) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    bytes[i] = state >> 16;
  }
  for (let done = PERIOD; done < length; done *= 2) bytes.copyWithin(done, 0, Math.min(done, length - done));
  return bytes;
};
