/** Booking or moving: whom, why and which days; a free time, which is held while the patient confirms. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { Appointment } from '@medplum/fhirtypes';
import { ConfirmDialog, FaultAlert, goTo, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import {
  useAppointmentsQuery,
  useBookMutation,
  useCalendarsQuery,
  useCancelMutation,
  useFreeTimesQuery,
  useHoldMutation,
} from '../api/appointments.ts';
import { addDays, codedReason, dayIn } from '../appointments/appointment.ts';
import { BackLink } from '../components/BackLink.tsx';
import { AppointmentText } from '../components/AppointmentText.tsx';
import { FreeTimeList } from '../components/FreeTimeList.tsx';
import { Loaded } from '../components/Loaded.tsx';
import { Section } from '../components/Section.tsx';
import { WaitlistWish } from '../components/WaitlistWish.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

const WEEK_DAYS = 7;
const ANYONE = '';

interface Props {
  readonly session: PatientSession;
  /** Of the appointment that is moved. */
  readonly movedId?: string;
}

export default function BookingPage({ session, movedId }: Props) {
  const t = useText();
  const { patientId } = session;
  const today = dayIn(new Date());
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [schedule, setSchedule] = useState(ANYONE);
  const [start, setStart] = useState(today);
  const [reason, setReason] = useState<string>();
  const [isAsked, setAsked] = useState(false);
  const [held, setHeld] = useState<Appointment>();
  const { data: appointments } = useAppointmentsQuery(patientId);
  const moved = appointments?.find(({ id }) => id === movedId);
  const calendars = useCalendarsQuery(undefined);
  const times = useFreeTimesQuery({
    patientId,
    start,
    end: addDays(start, WEEK_DAYS - 1),
    timeZone,
    ...(schedule === ANYONE ? {} : { schedule }),
  });
  const [hold, holding] = useHoldMutation();
  const why = reason ?? moved?.description ?? '';
  const isMissing = isAsked && why.trim() === '';

  const hasReason = (): boolean => {
    setAsked(true);
    if (why.trim() === '') document.getElementById('booking-reason')?.focus();
    return why.trim() !== '';
  };
  const choose = async (proposal: Appointment): Promise<void> => {
    if (!hasReason()) return;
    const { data } = await hold({ proposal, patientId, reason: why.trim() });
    if (data === undefined) void times.refetch();
    else setHeld(data);
  };
  const showFrom = (day: string): void => setStart(day < today ? today : day);
  return (
    <>
      <BackLink href={pathTo('appointments', {})} text={t('booking.back')} />
      <PageHeading title={t(movedId === undefined ? 'booking.title' : 'booking.move-title')} />
      {moved && (
        <Section title={t('booking.now')}>
          <AppointmentText appointment={moved} />
        </Section>
      )}
      <Section title={t('booking.wish')}>
        <FaultAlert fault={calendars.error} />
        <Box
          sx={{
            display: 'grid',
            gap: 2,
            gridTemplateColumns: { xs: 'minmax(0, 1fr)', sm: '1fr 1fr' },
            mt: 1,
          }}
        >
          <TextField
            select
            label={t('booking.whom')}
            value={schedule}
            onChange={(event) => setSchedule(event.target.value)}
            slotProps={{ select: { native: true }, inputLabel: { shrink: true } }}
          >
            <option value={ANYONE}>{t('booking.anyone')}</option>
            {calendars.data?.map(({ reference, name, about }) => (
              <option key={reference} value={reference}>
                {[name, about].filter(Boolean).join(' – ')}
              </option>
            ))}
          </TextField>
          <TextField
            id="booking-reason"
            label={t('booking.reason')}
            required
            value={why}
            error={isMissing}
            helperText={isMissing ? t('booking.reason-missing') : t('booking.reason-hint')}
            onChange={(event) => setReason(event.target.value)}
            slotProps={{ htmlInput: { maxLength: 200 } }}
          />
          <TextField
            type="date"
            label={t('booking.from')}
            value={start}
            onChange={(event) => {
              if (event.target.value !== '') showFrom(event.target.value);
            }}
            slotProps={{ htmlInput: { min: today }, inputLabel: { shrink: true } }}
          />
          <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
            <Button disabled={start <= today} onClick={() => showFrom(addDays(start, -WEEK_DAYS))}>
              {t('booking.earlier')}
            </Button>
            <Button onClick={() => showFrom(addDays(start, WEEK_DAYS))}>{t('booking.later')}</Button>
          </Box>
        </Box>
      </Section>
      <Section title={t('booking.times')}>
        <Typography color="text.secondary">
          {t('booking.zone', { zone: timeZone.replaceAll('_', ' ') })}
        </Typography>
        <FaultAlert
          fault={holding.error}
          words={{ 'too-many-holds': t('booking.too-many'), 409: t('booking.taken') }}
        />
        <Loaded data={times.data} error={times.error} onRetry={() => void times.refetch()}>
          {({ proposals, isCut }) => (
            <>
              <FreeTimeList
                proposals={proposals}
                isBusy={holding.isLoading || times.isFetching}
                withNames={schedule === ANYONE}
                onChoose={(proposal) => void choose(proposal)}
              />
              {isCut && <Alert severity="info">{t('booking.more')}</Alert>}
            </>
          )}
        </Loaded>
      </Section>
      {movedId === undefined && (
        <WaitlistWish
          patientId={patientId}
          actors={calendars.data?.find(({ reference }) => reference === schedule)?.actors ?? []}
          from={start}
          reason={why.trim()}
          hasReason={hasReason}
        />
      )}
      {held && (
        <ConfirmBooking
          held={held}
          movedId={movedId}
          onClose={() => {
            setHeld(undefined);
            void times.refetch();
          }}
        />
      )}
    </>
  );
}

function ConfirmBooking({
  held,
  movedId,
  onClose,
}: {
  held: Appointment;
  movedId: string | undefined;
  onClose: () => void;
}) {
  const t = useText();
  const [book, { error, isLoading }] = useBookMutation();
  const [release] = useCancelMutation();
  const heldId = held.id ?? '';
  const confirm = async (): Promise<void> => {
    if (isLoading) return;
    const { data } = await book({ heldId, movedId });
    if (data !== undefined) goTo(pathTo('appointments', {}));
  };
  const leave = async (): Promise<void> => {
    if (isLoading) return;
    // If it fails, the server lets go of it by itself before long.
    await release({ id: heldId, reason: codedReason('hold-released', t('booking.released')) });
    onClose();
  };
  return (
    <ConfirmDialog
      isOpen
      title={t(movedId === undefined ? 'booking.confirm-title' : 'booking.confirm-move')}
      confirm={t(movedId === undefined ? 'booking.confirm' : 'booking.move')}
      cancel={t('booking.another')}
      onConfirm={() => void confirm()}
      onCancel={() => void leave()}
    >
      <AppointmentText appointment={{ ...held, status: 'booked' }} />
      <Typography color="text.secondary" sx={{ mt: 2 }}>
        {t('booking.held')}
      </Typography>
      <FaultAlert fault={error} />
    </ConfirmDialog>
  );
}
