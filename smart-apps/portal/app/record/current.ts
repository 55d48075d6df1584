/** Which entries of a record are shown, and which of them count now. Pure. */
import type { CodeableConcept, Resource } from '@medplum/fhirtypes';

const codesOf = (concept: CodeableConcept | undefined): (string | undefined)[] =>
  concept?.coding?.map(({ code }) => code) ?? [];

/** What never held: written by mistake, or not done. */
export function isWithdrawn(resource: Resource): boolean {
  const { status, verificationStatus, docStatus } = resource as {
    status?: string;
    docStatus?: string;
    verificationStatus?: CodeableConcept;
  };
  return (
    status === 'entered-in-error' ||
    docStatus === 'entered-in-error' ||
    codesOf(verificationStatus).some((code) => code === 'entered-in-error' || code === 'refuted')
  );
}

const OVER = ['inactive', 'remission', 'resolved'];
const STOPPED = ['stopped', 'completed', 'cancelled', 'not-taken'];

/** Whether a problem, an allergy or a medication still counts; without a status it does. */
export function isCurrent(resource: Resource): boolean {
  const { status, clinicalStatus } = resource as { status?: string; clinicalStatus?: CodeableConcept };
  return (
    !codesOf(clinicalStatus).some((code) => OVER.includes(code ?? '')) && !STOPPED.includes(status ?? '')
  );
}

/** What is shown, current entries first. */
export function shownOf<T extends Resource>(resources: readonly T[]): T[] {
  const shown = resources.filter((r) => !isWithdrawn(r));
  return [...shown.filter(isCurrent), ...shown.filter((r) => !isCurrent(r))];
}
