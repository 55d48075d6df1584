/** Opaque, signed positions in a list of results: a page link cannot be edited or used by someone else. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { badRequest } from '../fhir/outcome.ts';
import type { Principal } from '../access/index.ts';
import type { SortValue } from '../storage/index.ts';

export const CURSOR_PARAMETER = '_cursor';

const holder = (principal: Principal): string => `${principal.clientId}\n${principal.userId ?? ''}`;

function sign(secret: string, position: string, query: string, principal: Principal): Buffer {
  return createHmac('sha256', secret)
    .update(`page cursor\n${holder(principal)}\n${query}\n${position}`)
    .digest()
    .subarray(0, 16);
}

/** `query` is the search without the cursor; the cursor is good for that search and that caller only. */
export function encodeCursor(
  secret: string,
  values: readonly SortValue[],
  query: string,
  principal: Principal,
): string {
  const position = JSON.stringify(values);
  const signature = sign(secret, position, query, principal);
  return Buffer.concat([signature, Buffer.from(position)]).toString('base64url');
}

/** Throws 400 for a cursor that was changed, belongs to another search, or to another caller. */
export function decodeCursor(
  secret: string,
  cursor: string,
  query: string,
  principal: Principal,
): SortValue[] {
  const bytes = Buffer.from(cursor, 'base64url');
  const position = bytes.subarray(16).toString('utf8');
  if (bytes.length > 16 && timingSafeEqual(bytes.subarray(0, 16), sign(secret, position, query, principal)))
    return JSON.parse(position) as SortValue[];
  throw badRequest('This page link is not valid for this search and this caller', CURSOR_PARAMETER);
}
