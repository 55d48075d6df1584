/** Builds the scribe for /apps/scribe/: its page, and the page on which an EHR launch arrives. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/apps/scribe/',
  plugins: [react()],
  build: { rollupOptions: { input: ['index.html', 'launch.html'] }, chunkSizeWarningLimit: 900 },
});
