/** The EHR page: patients on the left, the chosen one's short chart and the apps on the right. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemButton from '@mui/material/ListItemButton';
import ListItemText from '@mui/material/ListItemText';
import Paper from '@mui/material/Paper';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { Patient } from '@medplum/fhirtypes';
import { ChartSummary } from './ChartSummary.tsx';
import { formatAge, formatDate, formatGender, nameOf } from '@dr-assistant/ui/format';
import { useWords, type Words } from '@dr-assistant/ui/i18n';
import { AppFrame, FaultAlert, PageHeading } from '@dr-assistant/ui/layout';
import { usePatientsQuery } from './ehr-api.ts';
import { useText } from './words.ts';

/** Of a full page, so that nothing below jumps when it has come. */
const PAGE_HEIGHT = '55rem';

export function App() {
  const t = useText();
  const words = useWords();
  const [name, setName] = useState('');
  const [page, setPage] = useState<string>();
  const [chosen, setChosen] = useState<Patient>();
  const { data, error, isFetching } = usePatientsQuery({ name, page });
  return (
    <AppFrame header={<PageHeading title={t('app.title')} />} maxWidth="80rem">
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: '1fr', md: '22rem 1fr' } }}>
        <Paper
          component="section"
          aria-label={t('patients.label')}
          variant="outlined"
          sx={{ p: 2, alignSelf: 'start' }}
        >
          <TextField
            label={t('patients.search')}
            type="search"
            size="small"
            fullWidth
            value={name}
            onChange={(event) => {
              setName(event.target.value);
              setPage(undefined);
            }}
          />
          <FaultAlert fault={error} />
          <List
            aria-label={t('patients.label')}
            aria-busy={isFetching}
            dense
            sx={{ minHeight: data === undefined ? PAGE_HEIGHT : 0 }}
          >
            {data?.patients.map((patient) => (
              <ListItem key={patient.id} disablePadding>
                <ListItemButton
                  selected={patient.id === chosen?.id}
                  aria-current={patient.id === chosen?.id}
                  onClick={() => setChosen(patient)}
                >
                  <ListItemText primary={nameOf(patient, words)} secondary={describe(patient, words)} />
                </ListItemButton>
              </ListItem>
            ))}
          </List>
          {data?.patients.length === 0 && (
            <Typography color="text.secondary">{t('patients.none')}</Typography>
          )}
          <Box sx={{ display: 'flex', justifyContent: 'space-between' }}>
            <Button disabled={page === undefined} onClick={() => setPage(undefined)}>
              {t('patients.first-page')}
            </Button>
            <Button disabled={data?.next === undefined} onClick={() => setPage(data?.next)}>
              {t('patients.next-page')}
            </Button>
          </Box>
        </Paper>
        {chosen === undefined ? (
          <Typography sx={{ p: 2 }} color="text.secondary">
            {t('chart.choose')}
          </Typography>
        ) : (
          <ChartSummary key={chosen.id} patient={chosen} />
        )}
      </Box>
    </AppFrame>
  );
}

function describe({ birthDate, gender }: Patient, words: Words): string {
  const born = birthDate && formatDate(birthDate, words);
  return [born, formatAge(birthDate, new Date(), words), gender && formatGender(gender, words)]
    .filter(Boolean)
    .join(' · ');
}
