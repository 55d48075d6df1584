/** Appointments as the operations of scheduling answer them: a searchset, without pages. */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { type Answer, type Request, searchsetText } from '../../interaction/index.ts';

export interface Stored {
  readonly id: string;
  readonly content: string;
}

export const appointmentAnswer = (
  request: Request,
  appointments: readonly Stored[],
  issues: readonly OperationOutcomeIssue[] = [],
): Answer => {
  const entries = appointments.map((one) => ({
    ...one,
    resourceType: 'Appointment',
    mode: 'match' as const,
  }));
  const body = searchsetText(request, { links: [], total: entries.length, entries, issues });
  return { status: 200, headers: {}, body };
};
