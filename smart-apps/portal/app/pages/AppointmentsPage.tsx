/** The patient's appointments: what is to come, which can be moved and cancelled, and what is over. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { Appointment } from '@medplum/fhirtypes';
import { ConfirmDialog, FaultAlert, goTo, LiveRegion, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { useAppointmentsQuery, useCancelMutation } from '../api/appointments.ts';
import { isChangeable, offersOf, pastOf, upcomingOf, waitingOf } from '../appointments/appointment.ts';
import { AppointmentText, WhenText } from '../components/AppointmentText.tsx';
import { Loaded } from '../components/Loaded.tsx';
import { OfferList } from '../components/OfferList.tsx';
import { EntryList, Section } from '../components/Section.tsx';
import { WaitingList } from '../components/WaitingList.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function AppointmentsPage({ session }: { session: PatientSession }) {
  const t = useText();
  const [cancelled, setCancelled] = useState<Appointment>();
  const [done, setDone] = useState('');
  const { data, error, refetch } = useAppointmentsQuery(session.patientId, {
    refetchOnMountOrArgChange: true,
  });
  const now = new Date();
  const entryOf = (appointment: Appointment) => ({
    key: appointment.id ?? '',
    view: (
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, justifyContent: 'space-between' }}>
        <AppointmentText appointment={appointment} />
        {isChangeable(appointment, now) && (
          <Choices appointment={appointment} onCancel={() => setCancelled(appointment)} />
        )}
      </Box>
    ),
  });
  return (
    <>
      <PageHeading title={t('place.appointments')}>
        <Button variant="contained" onClick={() => goTo(pathTo('book', {}))}>
          {t('appointments.book')}
        </Button>
      </PageHeading>
      <LiveRegion>{done}</LiveRegion>
      <Loaded data={data} error={error} onRetry={() => void refetch()}>
        {(appointments) => (
          <>
            <OfferList offers={offersOf(appointments, now)} onDone={setDone} />
            <Section title={t('appointments.upcoming')}>
              <EntryList
                label={t('appointments.upcoming')}
                entries={upcomingOf(appointments, now).map(entryOf)}
                none={t('appointments.none-upcoming')}
              />
            </Section>
            <WaitingList waiting={waitingOf(appointments)} onDone={setDone} />
            <Section title={t('appointments.past')}>
              <EntryList
                label={t('appointments.past')}
                entries={pastOf(appointments, now).map(entryOf)}
                none={t('appointments.none-past')}
              />
            </Section>
          </>
        )}
      </Loaded>
      {cancelled && (
        <CancelDialog
          appointment={cancelled}
          onClose={(isDone) => {
            setCancelled(undefined);
            if (isDone) setDone(t('appointments.cancelled'));
          }}
        />
      )}
    </>
  );
}

function Choices({ appointment, onCancel }: { appointment: Appointment; onCancel: () => void }) {
  const t = useText();
  return (
    <Box sx={{ display: 'flex', gap: 1, alignItems: 'start' }}>
      {appointment.status === 'booked' && (
        <Button variant="outlined" onClick={() => goTo(pathTo('move', { id: appointment.id ?? '' }))}>
          {t('appointments.move')}
        </Button>
      )}
      <Button onClick={onCancel}>{t('appointments.cancel')}</Button>
    </Box>
  );
}

function CancelDialog({
  appointment,
  onClose,
}: {
  appointment: Appointment;
  onClose: (isDone: boolean) => void;
}) {
  const t = useText();
  const [reason, setReason] = useState('');
  const [isAsked, setAsked] = useState(false);
  const [cancel, { error, isLoading }] = useCancelMutation();
  const isMissing = isAsked && reason.trim() === '';
  const confirm = async (): Promise<void> => {
    setAsked(true);
    if (reason.trim() === '' || isLoading) return;
    const answer = await cancel({ id: appointment.id ?? '', reason: { text: reason.trim() } });
    if (answer.error === undefined) onClose(true);
  };
  return (
    <ConfirmDialog
      isOpen
      title={t('cancel.title')}
      confirm={t('cancel.confirm')}
      cancel={t('cancel.keep')}
      onConfirm={() => void confirm()}
      onCancel={() => onClose(false)}
    >
      <Typography sx={{ mb: 2 }}>
        <WhenText appointment={appointment} />
      </Typography>
      <TextField
        label={t('cancel.reason')}
        required
        fullWidth
        multiline
        error={isMissing}
        helperText={isMissing ? t('cancel.reason-missing') : t('cancel.reason-hint')}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        slotProps={{ htmlInput: { maxLength: 500 } }}
      />
      <FaultAlert fault={error} />
    </ConfirmDialog>
  );
}
