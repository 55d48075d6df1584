/** Times that the clinic keeps for the patient from the waiting list: each is taken or declined. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import type { Appointment } from '@medplum/fhirtypes';
import { formatInstant } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { FaultAlert } from '@dr-assistant/ui/layout';
import { useBookMutation, useCancelMutation } from '../api/appointments.ts';
import { codedReason, keptUntil, waitingIdOf } from '../appointments/appointment.ts';
import { useText } from '../words.ts';
import { AppointmentText } from './AppointmentText.tsx';
import { EntryList, Section } from './Section.tsx';

interface Props {
  readonly offers: readonly Appointment[];
  /** Told what was done. */
  readonly onDone: (words: string) => void;
}

/** Nothing where nothing is offered. */
export function OfferList({ offers, onDone }: Props) {
  const t = useText();
  const [book, booking] = useBookMutation();
  const [cancel, declining] = useCancelMutation();
  const isBusy = booking.isLoading || declining.isLoading;
  const fault = booking.error ?? declining.error;
  if (offers.length === 0 && fault === undefined) return null;
  const take = async (offer: Appointment): Promise<void> => {
    const { data } = await book({ heldId: offer.id ?? '', movedId: waitingIdOf(offer) });
    if (data !== undefined) onDone(t('offers.taken'));
  };
  const decline = async (offer: Appointment): Promise<void> => {
    const reason = codedReason('offer-declined', t('offers.decline'));
    const { data } = await cancel({ id: offer.id ?? '', reason });
    if (data !== undefined) onDone(t('offers.declined'));
  };
  return (
    <Section title={t('offers.title')}>
      <FaultAlert fault={fault} words={{ 409: t('offers.gone') }} />
      <EntryList
        label={t('offers.title')}
        entries={offers.map((offer) => ({
          key: offer.id ?? '',
          view: (
            <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, justifyContent: 'space-between' }}>
              <Box sx={{ flex: '1 1 14rem', minWidth: 0 }}>
                <AppointmentText appointment={{ ...offer, status: 'booked' }} />
                <KeptUntil offer={offer} />
              </Box>
              <Box sx={{ display: 'flex', gap: 1, alignItems: 'start' }}>
                <Button variant="contained" disabled={isBusy} onClick={() => void take(offer)}>
                  {t('offers.take')}
                </Button>
                <Button disabled={isBusy} onClick={() => void decline(offer)}>
                  {t('offers.decline')}
                </Button>
              </Box>
            </Box>
          ),
        }))}
        none=""
      />
    </Section>
  );
}

function KeptUntil({ offer }: { offer: Appointment }) {
  const t = useText();
  const words = useWords();
  const until = keptUntil(offer);
  if (until === undefined) return null;
  return (
    <Typography variant="body2" color="text.secondary">
      {t('offers.until', { time: formatInstant(until, words) })}
    </Typography>
  );
}
