/** Loaders of large code systems from the files in which they are published. */
import { icd10cm } from './icd10cm.ts';
import type { Loader } from './loader.ts';
import { loinc } from './loinc.ts';
import { rxnorm } from './rxnorm.ts';
import { snomed } from './snomed.ts';

export const LOADERS: readonly Loader[] = [icd10cm, rxnorm, loinc, snomed];

export { codeSystemResource } from './code-system-resource.ts';
export { LoadError } from './load-error.ts';
export { openRelease } from './release.ts';
export { loadCodeSystem, type LoadProgress } from './run-load.ts';
