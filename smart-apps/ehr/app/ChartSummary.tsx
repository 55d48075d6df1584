/** The short chart of one patient, and the apps that can be launched on it. */
import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import type { Patient, Resource } from '@medplum/fhirtypes';
import { nameOf } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { FaultAlert } from '@dr-assistant/ui/layout';
import { AppGallery } from './AppGallery.tsx';
import { entryText, isWithdrawn } from './chart-entry.ts';
import { useChartQuery } from './ehr-api.ts';
import { useText } from './words.ts';

const RECENT = 5;

export function ChartSummary({ patient }: { patient: Patient }) {
  const t = useText();
  const words = useWords();
  const id = patient.id ?? '';
  const chart = useChartQuery(id, { refetchOnMountOrArgChange: true });
  const encounters = chart.data?.encounters.filter((one) => !isWithdrawn(one));
  return (
    <Paper component="section" aria-label={t('chart.label')} variant="outlined" sx={{ p: 3, minWidth: 0 }}>
      <Typography variant="h1" component="h2" gutterBottom>
        {nameOf(patient, words)}
      </Typography>
      <FaultAlert fault={chart.error} />
      <AppGallery patientId={id} encounters={encounters ?? []} />
      <Box sx={{ display: 'grid', gap: 3, gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr' } }}>
        <Entries title={t('chart.problems')} resources={chart.data?.problems} />
        <Entries title={t('chart.medications')} resources={chart.data?.medications} />
        <Entries title={t('chart.encounters')} resources={encounters?.slice(0, RECENT)} />
        <Entries title={t('chart.documents')} resources={chart.data?.documents} />
      </Box>
    </Paper>
  );
}

function Entries({ title, resources }: { title: string; resources: readonly Resource[] | undefined }) {
  const t = useText();
  const words = useWords();
  const shown = resources?.filter((r) => !isWithdrawn(r));
  return (
    <Box component="section" aria-label={title}>
      <Typography variant="h2" component="h3">
        {title}
      </Typography>
      {shown?.length === 0 && <Typography color="text.secondary">{t('chart.none')}</Typography>}
      <Box component="ul" sx={{ pl: 2.5, my: 1 }}>
        {shown?.map((r) => (
          <li key={r.id}>{entryText(r, words, t('chart.visit'))}</li>
        ))}
      </Box>
    </Box>
  );
}
