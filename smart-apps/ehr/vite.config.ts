/** Builds the EHR page for /apps/ehr/. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/apps/ehr/',
  plugins: [react()],
  build: { chunkSizeWarningLimit: 900 },
});
