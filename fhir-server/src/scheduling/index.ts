/** The face of scheduling: Appointments and the Slots that they have. */
export { occupies, slotIds } from './appointment-state.ts';
export { createAppointmentRule } from './appointment-rule.ts';
export { expiredAmong, holdSlots, takenSlots } from './occupancy-store.ts';
export { startReleasingHolds } from './release-holds.ts';
