/** Settings of the terminology service that codes. docs/configuration.md of the server documents each name. */
import { readFileSync } from 'node:fs';
import type { JWK } from 'jose';
import type { Environment } from '../environment.ts';

export interface TerminologySettings {
  /** FHIR base URL without a trailing slash. */
  readonly url: string;
  /** Left out for a server that asks for no token. */
  readonly client?: { readonly clientId: string; readonly privateKey: JWK };
}

/** Undefined when no service is named. */
export function terminologySettings(read: Environment): TerminologySettings | undefined {
  const url = read.url('AI_TERMINOLOGY_URL', { tls: false });
  const clientId = read.text('AI_TERMINOLOGY_CLIENT_ID');
  const keyFile = read.text('AI_TERMINOLOGY_PRIVATE_KEY_FILE');
  if ((clientId === undefined) !== (keyFile === undefined))
    read.fault('AI_TERMINOLOGY_CLIENT_ID and AI_TERMINOLOGY_PRIVATE_KEY_FILE go together');
  if (url === undefined) {
    if (clientId !== undefined) read.fault('AI_TERMINOLOGY_CLIENT_ID needs AI_TERMINOLOGY_URL');
    return undefined;
  }
  const privateKey = keyFile === undefined ? undefined : readKey(keyFile, read);
  if (clientId === undefined || privateKey === undefined) return { url };
  return { url, client: { clientId, privateKey } };
}

function readKey(file: string, read: Environment): JWK | undefined {
  try {
    const key = JSON.parse(readFileSync(file, 'utf8')) as JWK;
    if (key.kty === undefined || key.d === undefined)
      read.fault('AI_TERMINOLOGY_PRIVATE_KEY_FILE holds no private JWK');
    return key;
  } catch {
    read.fault('AI_TERMINOLOGY_PRIVATE_KEY_FILE cannot be read as JSON');
    return undefined;
  }
}
