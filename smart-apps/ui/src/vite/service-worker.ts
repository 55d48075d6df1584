/** Builds the service worker beside an app, with the list of the files that it keeps. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const source = fileURLToPath(new URL('../offline/service-worker.ts', import.meta.url));

interface AppFile {
  /** Relative to the worker. */
  readonly url: string;
  /** Null where the name tells the content. */
  readonly revision: string | null;
}

const revisionOf = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);

export const serviceWorker = (): Plugin => ({
  name: 'dr-assistant-service-worker',
  apply: 'build',
  async writeBundle({ dir }, bundle) {
    const files = Object.values(bundle).flatMap((file): AppFile[] => {
      const url = file.fileName;
      if (url.startsWith('.vite/')) return [];
      if (url.startsWith('assets/')) return [{ url, revision: null }];
      return [{ url, revision: revisionOf(file.type === 'asset' ? file.source : file.code) }];
    });
    await build({
      configFile: false,
      publicDir: false,
      logLevel: 'error',
      define: { APP_FILES: JSON.stringify(files), 'process.env.NODE_ENV': '"production"' },
      build: {
        ...(dir === undefined ? {} : { outDir: dir }),
        emptyOutDir: false,
        copyPublicDir: false,
        lib: { entry: source, name: 'worker', formats: ['iife'], fileName: () => 'service-worker.js' },
      },
    });
  },
});
