/** The face of scheduling: Appointments and the Slots that they have. */
export { HELD_UNTIL, heldUntil, occupies, slotIds } from './appointment-state.ts';
export { createAppointmentRule } from './appointment-rule.ts';
export { cancelationReason } from './cancelation-reason.ts';
export { expiredAmong, takenSlots } from './occupancy-store.ts';
export { startReleasingHolds } from './release-holds.ts';
