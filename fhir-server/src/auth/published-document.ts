/** A JSON document that anybody may read, from any site: its text, its ETag, and how it is sent. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Request, Response } from 'express';

export interface PublishedDocument {
  readonly text: string;
  /** Of the text: another text has another one. */
  readonly digest: string;
}

export function publish(content: unknown): PublishedDocument {
  const text = JSON.stringify(content);
  return { text, digest: hash('sha256', text, 'hex').slice(0, 16) };
}

/** Throws with the setting's name when the file cannot be read or is no JSON object. */
export function readDocument(setting: string, file: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${setting} names no file that can be read as JSON`, { cause: error });
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content))
    return content as Record<string, unknown>;
  throw new Error(`${setting} must hold a JSON object`);
}

/** With a weak ETag, as the guide has it; 304 where the caller has this version. https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2 */
export function sendDocument(
  request: Request,
  response: Response,
  { text, digest }: PublishedDocument,
  { type, cacheControl }: { readonly type: string; readonly cacheControl: string },
): void {
  const etag = `W/"${digest}"`;
  response.setHeader('ETag', etag);
  response.setHeader('Cache-Control', cacheControl);
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known?.some((tag) => tag === '*' || tag === `"${digest}"`)) {
    response.status(304).end();
    return;
  }
  response.setHeader('Content-Type', type);
  response.end(text);
}
