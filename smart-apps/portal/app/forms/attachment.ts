/** A file of the patient's as an Attachment within the form. */
import type { Attachment } from '@medplum/fhirtypes';

/** With base64 and the rest of the form it stays below what the server takes as a body. */
export const FILE_BYTES_MAX = 2_000_000;

const CHUNK = 0x8000;

export async function attachmentOf(file: File): Promise<Attachment> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (let i = 0; i < bytes.length; i += CHUNK)
    binary += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return {
    contentType: file.type === '' ? 'application/octet-stream' : file.type,
    data: btoa(binary),
    size: bytes.length,
    title: file.name,
  };
}
