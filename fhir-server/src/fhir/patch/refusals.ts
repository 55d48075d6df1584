/** Why a patch is refused: 400 when it cannot be understood, 422 when it cannot be applied to this resource. */
import { FhirError, issue } from '../outcome.ts';

/** Operations in one patch. */
export const OPERATIONS_MAX = 1_000;

export const malformed = (text: string, place: string): FhirError =>
  new FhirError(400, [issue('invalid', text, place)]);

export const notApplicable = (text: string, place: string): FhirError =>
  new FhirError(422, [issue('processing', text, place)]);
