/** For what an app may be launched: words that the app has registered, and those that SMART gives as examples. */
import type { LaunchableApp } from './ehr-api.ts';

/** https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#launch-intent: none of them is standard. */
const EXAMPLES = [
  'reconcile-medications',
  'order-review',
  'summary-timeline-view',
  'recent-history-timeline',
  'encounter-focused-timeline',
];

/** Each once, those of the apps first. */
export const offeredIntents = (apps: readonly LaunchableApp[]): string[] => [
  ...new Set([...apps.flatMap((app) => app.launch_intents), ...EXAMPLES]),
];
