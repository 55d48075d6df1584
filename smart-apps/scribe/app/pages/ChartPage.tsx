/** The patient's chart: problems, medications, allergies, results over time, documents, and the visits. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Stack from '@mui/material/Stack';
import type { AllergyIntolerance, DocumentReference } from '@medplum/fhirtypes';
import { formatConcept, formatDate, formatDay, formatDosage } from '@dr-assistant/ui/format';
import { useWords, type Words } from '@dr-assistant/ui/i18n';
import { goTo, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import type { Chart, ChartPart, Medication } from '../api/chart.ts';
import { useChartQuery } from '../api/scribe-api.ts';
import { spokenResults, trendsOf } from '../api/trend.ts';
import { ChartCard, ChartLine } from '../components/ChartCard.tsx';
import { ScribeFault } from '../components/ScribeFault.tsx';
import { Timeline } from '../components/Timeline.tsx';
import { TrendRow } from '../components/TrendRow.tsx';
import { useReloadAfterUpload } from '../recording/use-uploads.ts';
import { pathTo } from '../routes.ts';
import { useText, type ScribeText } from '../words.ts';

export default function ChartPage({ session }: { session: PatientSession }) {
  const t = useText();
  const { patientId, encounterId } = session;
  const { data, error, refetch } = useChartQuery(patientId, { refetchOnMountOrArgChange: true });
  useReloadAfterUpload(refetch);
  const query = encounterId === undefined ? {} : { encounter: encounterId };
  return (
    <Stack spacing={2}>
      <PageHeading title={t('chart.title')}>
        <Button variant="contained" onClick={() => goTo(pathTo('new', { patientId }, query))}>
          {t('chart.new')}
        </Button>
      </PageHeading>
      <ScribeFault fault={error} />
      {data === undefined && error === undefined && <LinearProgress aria-label={t('chart.loading')} />}
      {data && <Parts chart={data} patientId={patientId} />}
    </Stack>
  );
}

function Parts({ chart, patientId }: { chart: Chart; patientId: string }) {
  const t = useText();
  const words = useWords();
  const isCut = (part: ChartPart): boolean => chart.cut.includes(part);
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 2,
        gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' },
      }}
    >
      <Stack spacing={2}>
        <ChartCard title={t('chart.visits')} none={t('chart.no-visits')} isCut={isCut('visits')}>
          {chart.timeline.map((entry) => (
            <Timeline key={entry.key} entry={entry} patientId={patientId} />
          ))}
        </ChartCard>
        <ChartCard title={t('chart.documents')} none={t('chart.no-documents')} isCut={isCut('documents')}>
          {chart.documents.map((document) => (
            <ChartLine
              key={document.id}
              main={formatConcept(document.type, words)}
              more={documentText(document, t, words)}
            />
          ))}
        </ChartCard>
      </Stack>
      <Stack spacing={2}>
        <ChartCard title={t('chart.allergies')} none={t('chart.no-allergies')} isCut={isCut('allergies')}>
          {chart.allergies.map((allergy) => (
            <ChartLine
              key={allergy.id}
              main={formatConcept(allergy.code, words)}
              more={reactionText(allergy, t, words)}
            />
          ))}
        </ChartCard>
        <ChartCard title={t('chart.problems')} none={t('chart.no-problems')} isCut={isCut('problems')}>
          {chart.problems.map(({ id, code, onsetDateTime }) => (
            <ChartLine
              key={id}
              main={formatConcept(code, words)}
              more={onsetDateTime && t('chart.since', { date: formatDay(onsetDateTime, words) })}
            />
          ))}
        </ChartCard>
        <ChartCard
          title={t('chart.medications')}
          none={t('chart.no-medications')}
          isCut={isCut('medications')}
        >
          {chart.medications.map((medication) => (
            <ChartLine
              key={`${medication.resourceType}/${medication.id}`}
              main={formatConcept(medication.medicationCodeableConcept, words)}
              more={dosageText(medication, words)}
            />
          ))}
        </ChartCard>
        <Results chart={chart} isCut={isCut('results')} />
      </Stack>
    </Box>
  );
}

function Results({ chart, isCut }: { chart: Chart; isCut: boolean }) {
  const t = useText();
  const words = useWords();
  return (
    <ChartCard title={t('chart.results')} none={t('chart.no-results')} isCut={isCut}>
      {[
        ...trendsOf(chart.observations).map((trend) => <TrendRow key={trend.key} trend={trend} />),
        ...spokenResults(chart.observations).map((o) => (
          <ChartLine
            key={o.id}
            main={`${formatConcept(o.code, words)}: ${o.valueString ?? formatConcept(o.valueCodeableConcept, words)}`}
            more={o.effectiveDateTime && formatDay(o.effectiveDateTime, words)}
          />
        )),
      ]}
    </ChartCard>
  );
}

const reactionText = ({ reaction }: AllergyIntolerance, t: ScribeText, words: Words): string | undefined => {
  const what = reaction?.flatMap((r) => r.manifestation.map((m) => formatConcept(m, words))).join(', ');
  return what === undefined || what === '' ? undefined : t('chart.reaction', { what });
};

const dosageText = (medication: Medication, words: Words): string =>
  (medication.resourceType === 'MedicationRequest' ? medication.dosageInstruction : medication.dosage)
    ?.map((dosage) => formatDosage(dosage, words))
    .join('; ') ?? '';

function documentText({ date, docStatus }: DocumentReference, t: ScribeText, words: Words): string {
  const state = t(`document.${docStatus ?? 'current'}`);
  return date === undefined ? state : t('chart.document-state', { date: formatDate(date, words), state });
}
