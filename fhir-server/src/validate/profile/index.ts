/** Profiles: snapshots of StructureDefinitions, and validators compiled from them. https://hl7.org/fhir/R4/profiling.html */
export { dependenciesOf } from './dependencies.ts';
export { DefinitionError } from './element-tree.ts';
export { ProfileSet, type CompiledProfile } from './profile-set.ts';
export type { Coded, OpenBinding, ProfileContext, ProfileReport } from './run.ts';
export type { CodeTest, ProfileSources } from './scope.ts';
export { generateSnapshot, snapshotOf, type FindStructure } from './snapshot.ts';
