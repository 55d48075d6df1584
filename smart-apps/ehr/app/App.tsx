/** The EHR page: patients on the left, the chosen one's short chart and the apps on the right. */
import { useState } from 'react';
import AppBar from '@mui/material/AppBar';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import List from '@mui/material/List';
import ListItemButton from '@mui/material/ListItemButton';
import ListItemText from '@mui/material/ListItemText';
import Paper from '@mui/material/Paper';
import TextField from '@mui/material/TextField';
import Toolbar from '@mui/material/Toolbar';
import Typography from '@mui/material/Typography';
import type { Patient } from '@medplum/fhirtypes';
import { ChartSummary } from './ChartSummary.tsx';
import { FaultAlert } from './FaultAlert.tsx';
import { usePatientsQuery, type ApiFault } from './ehr-api.ts';
import { ageOn, patientName } from './format.ts';

export function App({ onExpired }: { onExpired: () => void }) {
  const [name, setName] = useState('');
  const [page, setPage] = useState<string>();
  const [chosen, setChosen] = useState<Patient>();
  const { data, error, isFetching } = usePatientsQuery({ name, page });
  const fault = error as ApiFault | undefined;
  return (
    <Box sx={{ minHeight: '100vh', bgcolor: 'background.default' }}>
      <AppBar position="static" elevation={0}>
        <Toolbar>
          <Typography variant="h1">EHR</Typography>
        </Toolbar>
      </AppBar>
      <Box
        component="main"
        sx={{
          p: 2,
          display: 'grid',
          gap: 2,
          gridTemplateColumns: { xs: '1fr', md: '22rem 1fr' },
          maxWidth: '80rem',
          mx: 'auto',
        }}
      >
        <Paper component="section" aria-label="Patients" variant="outlined" sx={{ p: 2, alignSelf: 'start' }}>
          <TextField
            label="Search by name"
            type="search"
            size="small"
            fullWidth
            value={name}
            onChange={(event) => {
              setName(event.target.value);
              setPage(undefined);
            }}
          />
          {fault && <FaultAlert fault={fault} onExpired={onExpired} />}
          <List aria-label="Patients" aria-busy={isFetching} dense>
            {data?.patients.map((patient) => (
              <ListItemButton
                key={patient.id}
                selected={patient.id === chosen?.id}
                onClick={() => setChosen(patient)}
              >
                <ListItemText primary={patientName(patient)} secondary={describe(patient)} />
              </ListItemButton>
            ))}
          </List>
          {data?.patients.length === 0 && (
            <Typography color="text.secondary">No patient of this name.</Typography>
          )}
          <Box sx={{ display: 'flex', justifyContent: 'space-between' }}>
            <Button disabled={page === undefined} onClick={() => setPage(undefined)}>
              First page
            </Button>
            <Button disabled={data?.next === undefined} onClick={() => setPage(data?.next)}>
              Next page
            </Button>
          </Box>
        </Paper>
        {chosen === undefined ? (
          <Typography sx={{ p: 2 }} color="text.secondary">
            Choose a patient to see the chart and to launch an app.
          </Typography>
        ) : (
          <ChartSummary key={chosen.id} patient={chosen} onExpired={onExpired} />
        )}
      </Box>
    </Box>
  );
}

function describe(patient: Patient): string {
  const age = ageOn(patient.birthDate, new Date());
  return [patient.birthDate, age === undefined ? undefined : `${age} years`, patient.gender]
    .filter(Boolean)
    .join(' · ');
}
