/** The short chart of one patient, and the apps that can be launched on it. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import type { Patient, Resource } from '@medplum/fhirtypes';
import { FaultAlert } from './FaultAlert.tsx';
import {
  useAppsQuery,
  useChartQuery,
  useLaunchMutation,
  type ApiFault,
  type LaunchableApp,
} from './ehr-api.ts';
import { entryText, isWithdrawn, patientName } from './format.ts';

export function ChartSummary({ patient, onExpired }: { patient: Patient; onExpired: () => void }) {
  const id = patient.id ?? '';
  const chart = useChartQuery(id, { refetchOnMountOrArgChange: true });
  const apps = useAppsQuery(undefined);
  const [launch, launching] = useLaunchMutation();
  const fault = (chart.error ?? apps.error ?? launching.error) as ApiFault | undefined;
  const start = async (app: LaunchableApp): Promise<void> => {
    const { client_id, launch_url } = app;
    const { data } = await launch({ client_id, launch_url, patient: id });
    if (data !== undefined) location.assign(data.url);
  };
  return (
    <Paper component="section" aria-label="Chart" variant="outlined" sx={{ p: 3 }}>
      <Typography variant="h1" component="h2" gutterBottom>
        {patientName(patient)}
      </Typography>
      {fault && <FaultAlert fault={fault} onExpired={onExpired} />}
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', mb: 3 }}>
        {apps.data?.map((app) => (
          <Button
            key={app.launch_url}
            variant="contained"
            disabled={launching.isLoading}
            onClick={() => void start(app)}
          >
            Launch {app.client_name}
          </Button>
        ))}
      </Box>
      <Box sx={{ display: 'grid', gap: 3, gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr' } }}>
        <Entries title="Problems" resources={chart.data?.problems} />
        <Entries title="Medications" resources={chart.data?.medications} />
        <Entries title="Recent visits" resources={chart.data?.encounters} />
        <Entries title="Recent documents" resources={chart.data?.documents} />
      </Box>
    </Paper>
  );
}

function Entries({ title, resources }: { title: string; resources: readonly Resource[] | undefined }) {
  const shown = resources?.filter((r) => !isWithdrawn(r));
  return (
    <Box component="section" aria-label={title}>
      <Typography variant="h2" component="h3">
        {title}
      </Typography>
      {shown?.length === 0 && <Typography color="text.secondary">None on record</Typography>}
      <Box component="ul" sx={{ pl: 2.5, my: 1 }}>
        {shown?.map((r) => (
          <li key={r.id}>{entryText(r)}</li>
        ))}
      </Box>
    </Box>
  );
}
