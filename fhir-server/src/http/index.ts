/** The face of http. */
export { createHttpServer } from './limits.ts';
export { createApp, type AppOptions } from './app.ts';
