/** Free times by the day, as buttons. */
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

export function FreeTimeList({ proposals, isBusy, withNames, onChoose }: Props) {
  const t = useText();
  const { language } = useWords();
  const dayForm = new Intl.DateTimeFormat(language, {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
    timeZone: 'UTC',
  });
  const timeForm = new Intl.DateTimeFormat(language, { timeStyle: 'short' });
  if (proposals.length === 0) return <EmptyState text={t('booking.none')} />;
  return byDay(proposals).map(([day, times]) => {
    const title = dayForm.format(new Date(`${day}T00:00:00Z`));
    return (
      <Box component="section" key={day} aria-label={title} sx={{ mt: 2 }}>
        <Typography variant="h3">{title}</Typography>
        <Box
          component="ul"
          sx={{ listStyle: 'none', m: 0, mt: 1, p: 0, display: 'flex', flexWrap: 'wrap', gap: 1 }}
        >
          {times.map((proposal) => (
            <li key={proposal.slot?.[0]?.reference}>
              <Button
                variant="outlined"
                disabled={isBusy}
                onClick={() => onChoose(proposal)}
                sx={{ flexDirection: 'column', minWidth: '6rem' }}
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
      </Box>
    );
  });
}
