/** The face of http. */
export { createApp, type AppOptions } from './app.ts';
