/** The Vite configuration of our apps. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type UserConfigFnObject } from 'vite';
import { serviceWorker } from './service-worker.ts';

const noPolyfill = fileURLToPath(new URL('no-polyfill.ts', import.meta.url));

/**
 * Builds an app for /apps/<name>/.
 * @param pages HTML files: `index.html`, and `launch.html` where an EHR may launch it
 * @param options `isInstallable`: with a service worker, so that it opens without a connection
 */
export const appConfig = (
  name: string,
  pages: readonly string[] = ['index.html'],
  { isInstallable = false } = {},
): UserConfigFnObject =>
  defineConfig(({ command }) => {
    // A build is one for production whoever starts it: Jest's "test" would bring React's development code.
    if (command === 'build') process.env['NODE_ENV'] = 'production';
    return {
      base: `/apps/${name}/`,
      plugins: [react(), isInstallable && serviceWorker()],
      // fhirclient then takes fetch, AbortController and crypto of the browser.
      define: { FHIRCLIENT_PURE: 'true' },
      resolve: { alias: { 'isomorphic-webcrypto': noPolyfill } },
      build: { manifest: true, rolldownOptions: { input: [...pages] }, chunkSizeWarningLimit: 900 },
    };
  });
