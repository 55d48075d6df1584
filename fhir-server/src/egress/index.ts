/** The face of egress: calls to addresses that others name, guarded. */
export { createEgress, type Egress, type EgressLimits, type EgressOptions } from './egress.ts';
export { EgressError, type EgressCode } from './egress-error.ts';
