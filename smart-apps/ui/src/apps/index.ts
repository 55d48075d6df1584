/** Registered apps, as galleries show them. */
export { AppCard } from './AppCard.tsx';
export { hostOf, type AppInWords } from './app-in-words.ts';
