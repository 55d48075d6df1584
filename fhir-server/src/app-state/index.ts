/** The face of app-state: what apps keep here for themselves. https://hl7.org/fhir/smart-app-launch/STU2.2/app-state.html */
export { stateCapabilities } from './capabilities.ts';
export { createState, deleteState, searchState, STATE_BYTES_MAX, updateState } from './interactions.ts';
