/** Fills a running demo server over its FHIR API: the clinic once, and the appointments and visits of each day. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes';
import type { JWK } from 'jose';
import { connect } from './seed/backend-client.ts';
import {
  appointmentBundle,
  clinicBundle,
  demoPatientBundle,
  historyBundles,
  nextDayBundle,
  physicianBundle,
  recordedBundles,
  recordingBundle,
  todayBundle,
  transaction,
} from './seed/bundle.ts';
import { addDays, localDay } from './seed/day.ts';
import { longHistory } from './seed/history/histories.ts';
import { memberId } from './seed/history/member.ts';
import { members } from './seed/history/members.ts';

interface DemoFile {
  readonly fhirBase: string;
  readonly tokenEndpoint: string;
  readonly backend: { readonly clientId: string; readonly privateKey: JWK };
}

type Call = Awaited<ReturnType<typeof connect>>;

function faults(outcome: OperationOutcome): string {
  const lines = outcome.issue.slice(0, 10).map((issue) => {
    return `${issue.expression?.join(', ') ?? ''} ${issue.diagnostics ?? issue.details?.text ?? issue.code}`.trim();
  });
  return lines.join('\n');
}

const open = async ({ fhirBase, tokenEndpoint, backend }: DemoFile): Promise<Call> =>
  await connect({ fhirBase, tokenEndpoint, ...backend, scope: 'system/*.cruds' });

const isMissing = async (call: Call, path: string): Promise<boolean> =>
  (await call('GET', path)).status === 404;

/** The number of entries. Throws with the server's words when it refuses. */
async function send(call: Call, bundle: Bundle): Promise<number> {
  const response = await call('POST', '', bundle);
  if (response.ok) return bundle.entry?.length ?? 0;
  const body = (await response.json()) as OperationOutcome;
  throw new Error(`The server refused the demo data (${response.status}):\n${faults(body)}`);
}

/** What is missing, in an order in which each refers to what is before it. */
async function missingBundles(call: Call, day: string): Promise<Bundle[]> {
  const bundles: Bundle[] = [];
  const isNew = await isMissing(call, 'Patient/demo-patient');
  if (isNew) bundles.push(clinicBundle());
  else if (await isMissing(call, 'Practitioner/demo-physician')) bundles.push(physicianBundle());
  if (await isMissing(call, 'Questionnaire/demo-intake')) bundles.push(demoPatientBundle());
  if (await isMissing(call, `Patient/${memberId(members[0]?.[1] ?? '')}`))
    bundles.push(...historyBundles(day));
  if (await isMissing(call, `Encounter/demo-patient-${day}`)) {
    const isFresh = await isMissing(call, `Appointment/demo-patient-${day}`);
    bundles.push(isFresh ? todayBundle(day) : nextDayBundle(day));
  }
  // Tomorrow's appointments too, of which patients are reminded today.
  const tomorrow = addDays(day, 1);
  if (await isMissing(call, `Appointment/demo-patient-${tomorrow}`))
    bundles.push(appointmentBundle(tomorrow));
  if (await isMissing(call, 'Media/demo-visit-signed')) bundles.push(...(await recordedBundles(day)));
  return bundles;
}

/**
 * Sends what is missing and resolves with the number of resources sent: 0 when all is there. What users changed
 * meanwhile stays as it is. Throws with the server's words when it refuses.
 */
export async function seed(demo: DemoFile, day = localDay()): Promise<number> {
  const call = await open(demo);
  let sent = 0;
  for (const bundle of await missingBundles(call, day)) sent += await send(call, bundle);
  return sent;
}

/** Sends the recordings of this morning, of which only a bot hears that has subscribed; resolves as `seed` does. */
export async function seedRecordings(demo: DemoFile, day = localDay()): Promise<number> {
  const call = await open(demo);
  return (await isMissing(call, 'Media/demo-visit-review')) ? await send(call, recordingBundle(day)) : 0;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { 'long-history': { type: 'boolean' } } });
  const file = join(process.env['DATA_DIR'] ?? '.data', 'demo.json');
  const demo = JSON.parse(readFileSync(file, 'utf8')) as DemoFile;
  let sent = (await seed(demo)) + (await seedRecordings(demo));
  if (values['long-history'] === true)
    sent += await send(await open(demo), transaction(longHistory(localDay())));
  console.log(sent === 0 ? 'The demo data are there already.' : `${sent} resources sent.`);
}
