/** One appointment: when, with whom, where and why, and what became of it. */
import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import Typography from '@mui/material/Typography';
import type { Appointment } from '@medplum/fhirtypes';
import { useWords } from '@dr-assistant/ui/i18n';
import { placesOf, staffOf } from '../appointments/appointment.ts';
import { useText } from '../words.ts';

/** "Tuesday, December 1, 9:00 – 9:20 AM", in the user's time zone. */
export function WhenText({ appointment: { start, end } }: { appointment: Appointment }) {
  const t = useText();
  const { language, timeZone } = useWords();
  if (start === undefined) return <>{t('appointments.no-time')}</>;
  const form = new Intl.DateTimeFormat(language, {
    weekday: 'long',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZone,
  });
  const text =
    end === undefined ? form.format(new Date(start)) : form.formatRange(new Date(start), new Date(end));
  return <time dateTime={start}>{text}</time>;
}

export function AppointmentText({ appointment }: { appointment: Appointment }) {
  const t = useText();
  const { status, description, reasonCode, cancelationReason } = appointment;
  const why = description ?? reasonCode?.[0]?.text;
  const where = [staffOf(appointment).join(', '), placesOf(appointment).join(', ')]
    .filter(Boolean)
    .join(' · ');
  return (
    <Box sx={{ flex: '1 1 14rem', minWidth: 0 }}>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
        <Typography sx={{ fontWeight: 600 }}>
          <WhenText appointment={appointment} />
        </Typography>
        {status !== 'booked' && (
          <Chip size="small" variant="outlined" label={t(`appointment-status.${status}`)} />
        )}
      </Box>
      {where !== '' && <Typography>{t('appointments.with', { who: where })}</Typography>}
      {why && (
        <Typography color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
          {why}
        </Typography>
      )}
      {cancelationReason?.text && (
        <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
          {t('appointments.because', { reason: cancelationReason.text })}
        </Typography>
      )}
    </Box>
  );
}
