/** Who I am, what comes next, and the ways that matter most. */
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { nameOf } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { goTo, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { useAppointmentsQuery } from '../api/appointments.ts';
import type { PatientRecord } from '../api/record.ts';
import { AppointmentText } from '../components/AppointmentText.tsx';
import { Facts } from '../components/Facts.tsx';
import { Loaded, LoadedRecord } from '../components/Loaded.tsx';
import { Section } from '../components/Section.tsx';
import { offersOf, upcomingOf } from '../appointments/appointment.ts';
import { isCurrent, shownOf } from '../record/current.ts';
import { documentsOf } from '../record/documents.ts';
import { factsOf } from '../record/facts.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export function HomePage({ session }: { session: PatientSession }) {
  const t = useText();
  const words = useWords();
  return (
    <LoadedRecord session={session}>
      {(record) => (
        <>
          <PageHeading title={t('home.hello', { name: nameOf(record.patient, words) })} />
          <Box
            sx={{
              display: 'grid',
              columnGap: 2,
              gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: '1fr 1fr' },
            }}
          >
            <NextAppointment session={session} />
            <AtAGlance record={record} />
          </Box>
          <Section title={t('home.about')}>
            <Facts facts={factsOf(record.patient, words, t)} />
            <Typography variant="body2" color="text.secondary" sx={{ mt: 2 }}>
              {t('home.wrong')} <Link href={pathTo('write', {})}>{t('home.tell')}</Link>
            </Typography>
          </Section>
        </>
      )}
    </LoadedRecord>
  );
}

function NextAppointment({ session }: { session: PatientSession }) {
  const t = useText();
  const { data, error, refetch } = useAppointmentsQuery(session.patientId);
  return (
    <Section title={t('home.next')}>
      {/* As high as it is going to be, so that nothing below jumps. */}
      <Box sx={{ minHeight: data === undefined && error === undefined ? '14rem' : 0 }}>
        <Loaded data={data} error={error} onRetry={() => void refetch()}>
          {(appointments) => {
            const [next] = upcomingOf(appointments, new Date());
            return (
              <>
                {offersOf(appointments, new Date()).length > 0 && (
                  <Alert severity="info" sx={{ mb: 2 }}>
                    <Link href={pathTo('appointments', {})}>{t('offers.hint')}</Link>
                  </Alert>
                )}
                {next === undefined ? (
                  <Typography color="text.secondary">{t('appointments.none-upcoming')}</Typography>
                ) : (
                  <AppointmentText appointment={next} />
                )}
                <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', mt: 2 }}>
                  <Button variant="contained" onClick={() => goTo(pathTo('book', {}))}>
                    {t('appointments.book')}
                  </Button>
                  <Button onClick={() => goTo(pathTo('appointments', {}))}>
                    {t('home.all-appointments')}
                  </Button>
                </Box>
              </>
            );
          }}
        </Loaded>
      </Box>
    </Section>
  );
}

function AtAGlance({ record }: { record: PatientRecord }) {
  const t = useText();
  const words = useWords();
  const { of } = record;
  const current = (resources: Parameters<typeof shownOf>[0]): number =>
    shownOf(resources).filter(isCurrent).length;
  const counts = [
    [t('record.problems'), current(of.Condition)],
    [t('record.medications'), current([...of.MedicationStatement, ...of.MedicationRequest])],
    [t('record.allergies'), current(of.AllergyIntolerance)],
    [t('record.documents'), documentsOf(record, words).length],
  ] as const;
  return (
    <Section title={t('home.glance')}>
      <Facts facts={counts.map(([name, count]) => [name, String(count)])} />
      <Button sx={{ mt: 1 }} onClick={() => goTo(pathTo('record', {}))}>
        {t('home.open-record')}
      </Button>
    </Section>
  );
}
