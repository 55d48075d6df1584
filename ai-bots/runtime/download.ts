/** Reads the bytes of a Binary, counting while they come. https://hl7.org/fhir/R4/binary.html#rest */
import { HttpFailure } from './http-failure.ts';
import { traceHeaders } from './tracing.ts';

const TIMEOUT_MS = 120_000;

export interface Download {
  /** Media type without parameters, in lower case. */
  readonly contentType: string;
  readonly data: Buffer;
}

/** Throws HttpFailure 413 when the content is larger than allowed, and 403 for an address that is not a Binary of this server. */
export async function downloadBinary(
  baseUrl: string,
  reference: string,
  token: string,
  sizeMaxBytes: number,
): Promise<Download> {
  const url = new URL(reference, `${baseUrl}/`).href;
  // The token must never leave for another server, whatever an attachment says.
  if (!/^\/Binary\/[A-Za-z0-9.-]{1,64}$/.test(url.startsWith(baseUrl) ? url.slice(baseUrl.length) : '')) {
    throw new HttpFailure(403, 'the recording is not a Binary of this FHIR server');
  }
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, accept: '*/*', ...traceHeaders() },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new HttpFailure(response.status, `the recording answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > sizeMaxBytes) throw new HttpFailure(413, `the recording is larger than ${sizeMaxBytes} bytes`);
    chunks.push(chunk);
  }
  const contentType = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return { contentType, data: Buffer.concat(chunks) };
}
