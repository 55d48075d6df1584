/** Fills a running demo server over its FHIR API: the clinic once, and the appointments and visits of each day. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bundle, OperationOutcome, Resource } from '@medplum/fhirtypes';
import type { JWK } from 'jose';
import { connect } from './seed/backend-client.ts';
import {
  appointmentBundle,
  chartBundles,
  clinicBundle,
  demoPatientBundle,
  nextDayBundle,
  physicianBundle,
  recordedBundles,
  recordingBundle,
  slotBundle,
  templateBundle,
  todayBundle,
  transaction,
} from './seed/bundle.ts';
import { addDays, localDay } from './seed/day.ts';
import { listedPatients } from './seed/day-list.ts';
import { histories, longHistory } from './seed/history/histories.ts';

interface DemoFile {
  readonly fhirBase: string;
  readonly tokenEndpoint: string;
  readonly backend: { readonly clientId: string; readonly privateKey: JWK };
}

type Call = Awaited<ReturnType<typeof connect>>;

function faults(outcome: OperationOutcome | undefined): string {
  const lines = (outcome?.issue ?? []).slice(0, 10).map((issue) => {
    return `${issue.expression?.join(', ') ?? ''} ${issue.diagnostics ?? issue.details?.text ?? issue.code}`.trim();
  });
  return lines.join('\n');
}

const open = async ({ fhirBase, tokenEndpoint, backend }: DemoFile): Promise<Call> =>
  await connect({ fhirBase, tokenEndpoint, ...backend, scope: 'system/*.cruds' });

const isMissing = async (call: Call, path: string): Promise<boolean> =>
  (await call('GET', path)).status === 404;

/**
 * The number of resources that were written. Throws with the server's words when it refuses; of a batch, what is there already
 * or taken meanwhile is no fault.
 */
async function send(call: Call, bundle: Bundle): Promise<number> {
  const response = await call('POST', '', bundle);
  const body = (await response.json()) as OperationOutcome | Bundle;
  if (body.resourceType === 'OperationOutcome')
    throw new Error(`The server refused the demo data (${response.status}):\n${faults(body)}`);
  const answers = (body.entry ?? []).map((entry) => entry.response);
  const refused = answers.find((answer) => !/^(2|409|412)/.test(answer?.status ?? ''));
  if (refused !== undefined)
    throw new Error(
      `The server refused a part of the demo data (${refused.status}):\n${faults(refused.outcome)}`,
    );
  return answers.filter((answer) => answer?.status?.startsWith('2')).length;
}

/**
 * The histories that are not there yet, of those who are on some day's list or of the others. They are sent in their order,
 * so that all are there when the last is.
 */
async function missingHistories(call: Call, day: string, isListed: boolean): Promise<Bundle[]> {
  const charts = histories(day).filter(([patient]) => listedPatients.has(patient?.id ?? '') === isListed);
  const isChartMissing = (chart: Resource[] | undefined): Promise<boolean> =>
    isMissing(call, `Patient/${chart?.[0]?.id ?? ''}`);
  if (!(await isChartMissing(charts.at(-1)))) return [];
  const missing = await Promise.all(charts.map(isChartMissing));
  return chartBundles(charts.filter((_, i) => missing[i] === true));
}

/** What the day needs, in an order in which each refers to what is before it. */
async function bundlesOfDay(call: Call, day: string): Promise<Bundle[]> {
  const bundles: Bundle[] = [];
  const isNew = await isMissing(call, 'Patient/demo-patient');
  if (isNew) bundles.push(clinicBundle());
  else if (await isMissing(call, 'Practitioner/demo-physician')) bundles.push(physicianBundle());
  if (await isMissing(call, 'Questionnaire/demo-intake')) bundles.push(demoPatientBundle());
  if (await isMissing(call, 'Questionnaire/demo-note-acute')) bundles.push(templateBundle());
  bundles.push(...(await missingHistories(call, day, true)));
  if (await isMissing(call, `Encounter/demo-patient-${day}`)) {
    const isFresh = await isMissing(call, `Appointment/demo-patient-${day}`);
    bundles.push(slotBundle(day), isFresh ? todayBundle(day) : nextDayBundle(day));
  }
  // Tomorrow's appointments too, of which patients are reminded today.
  const tomorrow = addDays(day, 1);
  if (await isMissing(call, `Appointment/demo-patient-${tomorrow}`))
    bundles.push(slotBundle(tomorrow), appointmentBundle(tomorrow));
  return bundles;
}

async function sendAll(call: Call, bundles: readonly Bundle[]): Promise<number> {
  let sent = 0;
  for (const bundle of bundles) sent += await send(call, bundle);
  return sent;
}

/**
 * Sends what is missing of the clinic and its day, and resolves with the number of resources sent: 0 when all is there.
 * What users changed meanwhile stays as it is. Throws with the server's words when it refuses.
 */
export async function seed(demo: DemoFile, day = localDay()): Promise<number> {
  const call = await open(demo);
  return await sendAll(call, await bundlesOfDay(call, day));
}

/** The histories of the patients who are on no list, and a signed visit: nothing waits for them. Resolves as `seed` does. */
export async function seedHistories(demo: DemoFile, day = localDay()): Promise<number> {
  const call = await open(demo);
  const sent = await sendAll(call, await missingHistories(call, day, false));
  if (!(await isMissing(call, 'Media/demo-visit-signed'))) return sent;
  return sent + (await sendAll(call, await recordedBundles(day)));
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
  let sent = (await seed(demo)) + (await seedHistories(demo)) + (await seedRecordings(demo));
  if (values['long-history'] === true)
    sent += await send(await open(demo), transaction(longHistory(localDay())));
  console.log(sent === 0 ? 'The demo data are there already.' : `${sent} resources sent.`);
}
