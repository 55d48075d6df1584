/** JSON of FHIR resources: strict, located, and with the precision of decimals. https://hl7.org/fhir/R4/json.html */
export {
  carryNumber,
  carryNumbers,
  copyJson,
  hasKeptNumbers,
  keepNumber,
  markedNumber,
  markedToJson,
  markNumbers,
  numberText,
  settleNumbers,
  toJson,
} from './number-text.ts';
export { JSON_DEPTH_MAX, parseJson, parseJsonInTurns, parseStored } from './parse-json.ts';
