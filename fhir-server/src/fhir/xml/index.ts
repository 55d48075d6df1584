/** XML of FHIR resources, by the definitions: https://hl7.org/fhir/R4/xml.html */
export { parseXml } from './parse-xml.ts';
export { serializeXml, serializeXmlInTurns } from './serialize-xml.ts';
