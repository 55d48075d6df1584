/** The built apps as static files below /apps/<name>/, with a policy that lets them run only their own scripts. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import compression from 'compression';
import express, { type Router } from 'express';

const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  // The component library writes its styles at run time.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "media-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function createApps(appsDir: string): Router {
  const router = express.Router();
  router.use(compression());
  router.use((_request, response, next) => {
    response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    next();
  });
  for (const name of appNames(appsDir)) {
    const dist = join(appsDir, name, 'dist');
    // Assets carry a hash in their names; pages must be looked at anew each time.
    router.use(`/${name}/assets`, express.static(join(dist, 'assets'), { immutable: true, maxAge: '365d' }));
    router.use(`/${name}`, express.static(dist, { maxAge: 0 }));
  }
  return router;
}

/** Folders below the apps folder; one may be built while the server runs. */
function appNames(appsDir: string): string[] {
  try {
    return readdirSync(appsDir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
