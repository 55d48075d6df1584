/** Whose record this is, on every page. */
import AppBar from '@mui/material/AppBar';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { Patient } from '@medplum/fhirtypes';
import { ageOn, patientName, recordNumber } from '../api/patient-words.ts';

export function PatientBanner({ patient }: { patient: Patient | undefined }) {
  const age = ageOn(patient?.birthDate, new Date());
  const facts = [
    patient?.birthDate && `born ${patient.birthDate}`,
    age === undefined ? undefined : `${age} years`,
    patient?.gender,
    patient && recordNumber(patient),
  ].filter(Boolean);
  return (
    <AppBar position="sticky" elevation={0} component="header">
      <Box sx={{ px: 3, py: 1.5, display: 'flex', gap: 2, alignItems: 'baseline', flexWrap: 'wrap' }}>
        <Typography variant="h1" component="p">
          {patient === undefined ? 'Loading…' : patientName(patient)}
        </Typography>
        <Typography>{facts.join(' · ')}</Typography>
      </Box>
    </AppBar>
  );
}
