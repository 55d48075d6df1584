/** The orchestration layer: stages that ask providers in order, within limits, and say who answered. */
export { NoProviderError, type Answer, type PassedOver, type ProviderName } from './answer.ts';
export { ProviderFault, type Provider } from './provider.ts';
export { identifiersOf, type Person } from './redact/identifiers.ts';
export type { Call } from './stage.ts';
export type { Asked, StageRun } from './stage-run.ts';
