/** Makes fhir-server/generated/, as the server does at its first start: for images, whose file system is read-only. */
import {
  standardCodeSystems,
  standardExtension,
  standardStructureDefinition,
} from '../fhir-server/src/fhir/definitions/index.ts';

// The module itself loads the structures; each of these loads one more file, and makes it where it is missing.
standardCodeSystems();
standardExtension('http://hl7.org/fhir/StructureDefinition/patient-birthPlace');
standardStructureDefinition('http://hl7.org/fhir/StructureDefinition/vitalsigns');
console.log('The compact definitions are there.');
