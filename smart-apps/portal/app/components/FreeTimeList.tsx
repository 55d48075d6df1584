/** Free times by the day, as buttons. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import type { Appointment } from '@medplum/fhirtypes';
import { useWords } from '@dr-assistant/ui/i18n';
import { EmptyState } from '@dr-assistant/ui/layout';
import { byDay, staffOf } from '../appointments/appointment.ts';
import { useText } from '../words.ts';

interface Props {
  readonly proposals: readonly Appointment[];
  readonly isBusy: boolean;
  /** Whether it is to be told who has the time. */
  readonly withNames: boolean;
  readonly onChoose: (proposal: Appointment) => void;
}

export function FreeTimeList({ proposals, ...rest }: Props) {
  const t = useText();
  if (proposals.length === 0) return <EmptyState text={t('booking.none')} />;
  return byDay(proposals).map(([day, times]) => <DayTimes key={day} day={day} times={times} {...rest} />);
}

/** As many of a day are shown at first. */
const FIRST = 12;

type DayProps = Omit<Props, 'proposals'> & { readonly day: string; readonly times: readonly Appointment[] };

function DayTimes({ day, times, isBusy, withNames, onChoose }: DayProps) {
  const t = useText();
  const { language } = useWords();
  const [isAll, setAll] = useState(false);
  const dayForm = new Intl.DateTimeFormat(language, {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
    timeZone: 'UTC',
  });
  const timeForm = new Intl.DateTimeFormat(language, { timeStyle: 'short' });
  const title = dayForm.format(new Date(`${day}T00:00:00Z`));
  const shown = isAll ? times : times.slice(0, FIRST);
  return (
    <Box component="section" aria-label={title} sx={{ mt: 2 }}>
      <Typography variant="h3">{title}</Typography>
      <Box
        component="ul"
        sx={{
          listStyle: 'none',
          m: 0,
          mt: 1,
          p: 0,
          display: 'grid',
          gap: 1,
          gridTemplateColumns: 'repeat(auto-fill, minmax(8.5rem, 1fr))',
        }}
      >
        {shown.map((proposal) => (
          <li key={proposal.slot?.[0]?.reference}>
            <Button
              variant="outlined"
              fullWidth
              disabled={isBusy}
              onClick={() => onChoose(proposal)}
              sx={{ flexDirection: 'column' }}
            >
              {timeForm.format(new Date(proposal.start ?? ''))}
              {withNames && (
                <Typography component="span" variant="caption">
                  {staffOf(proposal).join(', ')}
                </Typography>
              )}
            </Button>
          </li>
        ))}
      </Box>
      {shown.length < times.length && (
        <Button onClick={() => setAll(true)}>{t('booking.all-times', { count: times.length })}</Button>
      )}
    </Box>
  );
}
