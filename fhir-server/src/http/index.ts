/** The face of http. */
export { createApp, type AppOptions } from './app.ts';
export { answerUnreadable } from './unreadable.ts';
