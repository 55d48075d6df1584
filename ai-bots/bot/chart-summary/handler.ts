/**
 * The chart-summary bot: a cited summary of the patient's chart for each visit that is planned or under way, compared
 * with the chart from time to time until the visit begins.
 */
import type { Pipeline } from '../../pipeline/index.ts';
import { sharedPipeline } from '../../runtime/shared-pipeline.ts';
import { defineBot, HttpFailure, PermanentFault, type BotContext } from '../../sdk/index.ts';
import { summarySettings, type Settings } from './settings.ts';
import { summariseVisit } from './summarise-visit.ts';
import { loadVisit, ofEncounter } from './visit.ts';

type Prepared = Settings & { readonly pipeline: Pick<Pipeline, 'summarise'> };

const VISITS_MAX = 1_000;
/** A visit that was to begin so long ago and is still planned is not refreshed any more. */
const OVERDUE_MS = 12 * 3_600_000;

export default defineBot<Prepared>({
  name: 'chart-summary',
  description: 'Summarise the chart for a visit',
  triggers: ({ refreshMinutes }) => [
    {
      id: 'encounter',
      criteria: 'Encounter?status=planned,arrived,in-progress',
      reason: 'Summarise the chart for a visit that is planned or under way',
    },
    {
      id: 'appointment',
      criteria: 'Appointment?status=checked-in',
      reason: 'Summarise the chart when the patient has come',
    },
    { cron: refreshMinutes === 60 ? '0 * * * *' : `*/${refreshMinutes} * * * *` },
  ],
  scopes: [
    'system/Patient.r',
    'system/Practitioner.r',
    'system/PractitionerRole.r',
    'system/RelatedPerson.s',
    'system/Encounter.rs',
    'system/Appointment.rs',
    'system/Condition.s',
    'system/MedicationRequest.s',
    'system/MedicationStatement.s',
    'system/Medication.rs',
    'system/AllergyIntolerance.s',
    'system/Observation.s',
    'system/Procedure.s',
    'system/ServiceRequest.s',
    'system/Composition.cru',
    'system/DocumentReference.cru',
    'system/Provenance.cru',
    'system/Device.cru',
    'system/Task.cruds',
    'system/Subscription.crus',
  ],
  reads: [
    'Patient',
    'Practitioner',
    'PractitionerRole',
    'RelatedPerson',
    'Encounter',
    'Appointment',
    'Condition',
    'MedicationRequest',
    'MedicationStatement',
    'Medication',
    'AllergyIntolerance',
    'Observation',
    'Procedure',
    'ServiceRequest',
  ],
  writes: ['Composition', 'DocumentReference', 'Provenance', 'Device', 'Task'],
  prepare: (env) => ({ ...summarySettings(env), pipeline: sharedPipeline(env) }),
  async handle(event, context) {
    if (event.kind === 'tick') return refresh(context);
    const visit = await loadVisit(context.fhir, event.resource);
    if (visit === undefined) return 'ignored';
    const result = await summariseVisit({ ...context, pipeline: context.prepared.pipeline }, visit);
    context.logger.info({ event: event.key, result }, 'summary');
    return 'done';
  },
});

/** One visit whose chart cannot be summarised keeps no other from its summary. */
async function refresh(context: BotContext<Prepared>): Promise<'done'> {
  const { fhir, prepared, logger, now, signal } = context;
  const from = new Date(now().getTime() - OVERDUE_MS).toISOString();
  const until = new Date(now().getTime() + prepared.aheadHours * 3_600_000).toISOString();
  const found = await fhir.findAll(
    'Encounter',
    { status: 'planned,arrived', date: [`ge${from}`, `lt${until}`], _sort: 'date', _count: '200' },
    VISITS_MAX,
  );
  let failed = 0;
  for (const encounter of found) {
    signal.throwIfAborted();
    const visit = encounter.resourceType === 'Encounter' ? ofEncounter(encounter) : undefined;
    if (visit === undefined) continue;
    try {
      await summariseVisit({ ...context, pipeline: prepared.pipeline }, visit);
    } catch (error) {
      const isRefused = error instanceof HttpFailure && error.status === 403;
      if (!isRefused && !(error instanceof PermanentFault)) throw error;
      failed += 1;
    }
  }
  logger.info({ visits: found.length, failed }, 'summaries compared with the charts');
  if (failed > 0) throw new PermanentFault(`${failed} of ${found.length} charts could not be summarised.`);
  return 'done';
}
