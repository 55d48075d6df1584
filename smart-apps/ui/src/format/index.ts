/** FHIR data types in words: pure functions of a value and the words of a language. */
export { ageOn, formatAge } from './age.ts';
export {
  formatAnnotation,
  formatAttachment,
  formatCoding,
  formatConcept,
  formatMoney,
  formatReference,
} from './concept.ts';
export { formatDate, formatDay, formatInstant, formatPeriod, formatTime } from './date.ts';
export {
  addressLines,
  chooseName,
  contactAddress,
  formatAddress,
  formatContactPoint,
  formatGender,
  formatHumanName,
  formatIdentifier,
  nameOf,
  recordNumber,
} from './person.ts';
export { formatQuantity, formatRange, formatRatio, formatUcum } from './quantity.ts';
export { elementLabel, resourceRows, type ResourceRow } from './resource-rows.ts';
export { formatDosage, formatTiming } from './timing.ts';
