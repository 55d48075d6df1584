/** Text in FHIR attachments: base64 of UTF-8. */

export function toBase64(text: string): string {
  // Byte by byte: a long visit has more bytes than a call may have arguments.
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCodePoint(byte);
  return btoa(bytes);
}

export function fromBase64(data: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(data), (c) => c.codePointAt(0) ?? 0));
}
