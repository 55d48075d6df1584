/** Fills a running demo server over its FHIR API: the clinic once, and the appointments and visits of each day. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes';
import type { JWK } from 'jose';
import { connect } from './seed/backend-client.ts';
import { appointmentBundle, clinicBundle, encounterBundle, historyBundle } from './seed/bundle.ts';

interface DemoFile {
  readonly fhirBase: string;
  readonly tokenEndpoint: string;
  readonly backend: { readonly clientId: string; readonly privateKey: JWK };
}

function faults(outcome: OperationOutcome): string {
  const lines = outcome.issue.slice(0, 10).map((issue) => {
    return `${issue.expression?.join(', ') ?? ''} ${issue.diagnostics ?? issue.details?.text ?? issue.code}`.trim();
  });
  return lines.join('\n');
}

/**
 * Sends what is missing and resolves with the number of resources sent: 0 when all is there. What users changed
 * meanwhile stays as it is. Throws with the server's words when it refuses.
 */
export async function seed(demo: DemoFile, day = new Date().toISOString().slice(0, 10)): Promise<number> {
  const { fhirBase, tokenEndpoint, backend } = demo;
  const call = await connect({ fhirBase, tokenEndpoint, ...backend, scope: 'system/*.cruds' });
  const isMissing = async (path: string): Promise<boolean> => (await call('GET', path)).status === 404;
  const bundles: Bundle[] = [];
  if (await isMissing('Patient/demo-patient')) bundles.push(clinicBundle());
  if (await isMissing('Questionnaire/demo-intake')) bundles.push(historyBundle());
  // Tomorrow's appointments too, of which patients are reminded today.
  const tomorrow = new Date(Date.parse(day) + 24 * 3_600_000).toISOString().slice(0, 10);
  for (const date of [day, tomorrow])
    if (await isMissing(`Appointment/demo-patient-${date}`)) bundles.push(appointmentBundle(date));
  if (await isMissing(`Encounter/demo-patient-${day}`)) bundles.push(encounterBundle(day));
  let sent = 0;
  for (const bundle of bundles) {
    const response = await call('POST', '', bundle);
    if (!response.ok) {
      const body = (await response.json()) as OperationOutcome;
      throw new Error(`The server refused the demo data (${response.status}):\n${faults(body)}`);
    }
    sent += bundle.entry?.length ?? 0;
  }
  return sent;
}

if (import.meta.main) {
  const file = join(process.env['DATA_DIR'] ?? '.data', 'demo.json');
  const sent = await seed(JSON.parse(readFileSync(file, 'utf8')) as DemoFile);
  console.log(sent === 0 ? 'The demo data are there already.' : `${sent} resources sent.`);
}
