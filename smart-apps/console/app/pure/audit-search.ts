/** The fields of the audit's form as a search of AuditEvents. */

export const FIELDS = ['patient', 'agent', 'from', 'until', 'outcome', 'type'] as const;
export type AuditQuestion = Readonly<Partial<Record<(typeof FIELDS)[number], string>>>;

const reference = (text: string, type: string): string => (text.includes('/') ? text : `${type}/${text}`);

/** Newest first; days are those of the calendar in UTC, as the server counts them. */
export function auditSearch({ patient, agent, from, until, outcome, type }: AuditQuestion): string {
  const query = new URLSearchParams({ _sort: '-date', _count: '50' });
  if (patient) query.append('patient', reference(patient.trim(), 'Patient'));
  if (agent) query.append('agent', reference(agent.trim(), 'Practitioner'));
  if (from) query.append('date', `ge${from}`);
  if (until) query.append('date', `le${until}`);
  if (outcome) query.append('outcome', outcome);
  if (type) query.append('type', type);
  return `AuditEvent?${query.toString()}`;
}
