/**
 * Logos of registered apps, as copies: pages of ours load pictures from their own server alone, and an app's site does not
 * learn who looks at a gallery.
 */
import express, { type Router } from 'express';
import type { Pool } from '../db/index.ts';
import type { Egress } from '../egress/index.ts';
import type { SharedCache } from '../redis/index.ts';
import { loadClient } from './client-store.ts';

export interface AppLogoOptions {
  readonly pool: Pool;
  readonly egress: Pick<Egress, 'fetch'>;
  /** Where another process has loaded it. */
  readonly shared?: SharedCache | undefined;
}

export const logoPath = (clientId: string): string => `/apps/${encodeURIComponent(clientId)}/logo`;

const BYTES_MAX = 100 * 1024;
const TIMEOUT_MS = 5_000;
const KEPT_MS = 60 * 60_000;
/** A site that gives none is left alone for so long. */
const FAILED_MS = 5 * 60_000;
const LOGOS_MAX = 100;

interface Logo {
  readonly type: string;
  readonly bytes: Buffer;
}

interface Kept {
  readonly logo: Promise<Logo | undefined>;
  until: number;
}

/** What the bytes are, whatever their sender calls them: pictures that hold no scripts. */
const SIGNATURES: readonly (readonly [type: string, hex: RegExp])[] = [
  ['image/png', /^89504e470d0a1a0a/],
  ['image/jpeg', /^ffd8ff/],
  ['image/gif', /^474946383[79]61/],
  ['image/webp', /^52494646.{8}57454250/],
];

/** `GET /apps/<client id>/logo`, for everybody. 404 where there is none that can be shown. */
export function createAppLogos({ pool, egress, shared }: AppLogoOptions): Router {
  const kept = new Map<string, Kept>();

  function logoAt(url: string): Promise<Logo | undefined> {
    const known = kept.get(url);
    if (known !== undefined && known.until > Date.now()) return known.logo;
    kept.delete(url);
    if (kept.size >= LOGOS_MAX) kept.delete(kept.keys().next().value!);
    const made: Kept = {
      logo: load(url).then(({ logo, until }) => ((made.until = until), logo)),
      until: Infinity,
    };
    kept.set(url, made);
    return made.logo;
  }

  /** Never fails. */
  async function load(url: string): Promise<{ readonly logo: Logo | undefined; readonly until: number }> {
    const known = await shared?.get(url);
    if (known !== undefined) return { logo: logoOf(known.text), until: known.until };
    const logo = await fetchLogo(egress, url);
    const until = Date.now() + (logo === undefined ? FAILED_MS : KEPT_MS);
    void shared?.set(url, { text: textOf(logo), until });
    return { logo, until };
  }

  const router = express.Router();
  router.get('/apps/:clientId/logo', async (request, response) => {
    const client = await loadClient(pool, request.params.clientId);
    const logo = client?.logoUri === undefined ? undefined : await logoAt(client.logoUri);
    response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    if (logo === undefined) {
      response.setHeader('Cache-Control', 'no-store');
      response.status(404).json({ error: 'not_found', error_description: 'There is no logo' });
      return;
    }
    response.setHeader('Cache-Control', 'public, max-age=3600');
    response.setHeader('Content-Type', logo.type);
    response.end(logo.bytes);
  });
  return router;
}

/** Empty where there is none. */
const textOf = (logo: Logo | undefined): string =>
  logo === undefined ? '' : `${logo.type} ${logo.bytes.toString('base64')}`;

function logoOf(text: string): Logo | undefined {
  const [type = '', bytes = ''] = text.split(' ');
  return type === '' ? undefined : { type, bytes: Buffer.from(bytes, 'base64') };
}

/** Undefined for what cannot be had or is no picture; the guard has logged why. */
async function fetchLogo(egress: AppLogoOptions['egress'], url: string): Promise<Logo | undefined> {
  try {
    const response = await egress.fetch(url, {
      headers: { Accept: SIGNATURES.map(([type]) => type).join(', ') },
      bytesMax: BYTES_MAX,
      timeoutMs: TIMEOUT_MS,
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (response.status !== 200) return undefined;
    const start = bytes.toString('hex', 0, 16);
    const type = SIGNATURES.find(([, hex]) => hex.test(start))?.[0];
    return type === undefined ? undefined : { type, bytes };
  } catch {
    return undefined;
  }
}
