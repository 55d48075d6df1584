/** What every field of a form knows of it. */
import { createContext } from 'react';
import type { Questionnaire } from '@medplum/fhirtypes';

interface FormState {
  readonly questionnaire: Questionnaire;
  /** What is wrong with a field, by its path. */
  readonly faults: ReadonlyMap<string, string>;
}

export const FormContext = createContext<FormState>({
  questionnaire: { resourceType: 'Questionnaire', status: 'active' },
  faults: new Map(),
});

/** The id of a field's surroundings, by which a fault leads to it. */
export const fieldId = (path: string): string => `field${path}`;
