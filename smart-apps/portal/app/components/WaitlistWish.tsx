/** For whom no time suits: a place on the waiting list, with whom and why as on the page, until a day. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import type { Schedule } from '@medplum/fhirtypes';
import { FaultAlert, goTo } from '@dr-assistant/ui/layout';
import { useWaitMutation } from '../api/waitlist.ts';
import { addDays } from '../appointments/appointment.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';
import { Section } from './Section.tsx';

/** Until then unless the patient says otherwise. */
const WAIT_DAYS = 28;

interface Props {
  readonly patientId: string;
  readonly actors: Schedule['actor'];
  /** A day. */
  readonly from: string;
  readonly reason: string;
  /** Asks for a reason where there is none. */
  readonly hasReason: () => boolean;
}

export function WaitlistWish({ patientId, actors, from, reason, hasReason }: Props) {
  const t = useText();
  const [given, setGiven] = useState<string>();
  const [wait, { error, isLoading }] = useWaitMutation();
  const until = given === undefined || given < from ? addDays(from, WAIT_DAYS) : given;
  const join = async (): Promise<void> => {
    if (!hasReason()) return;
    const { data } = await wait({ patientId, actors, reason, from, until });
    if (data !== undefined) goTo(pathTo('appointments', {}));
  };
  return (
    <Section title={t('waitlist.wish')}>
      <Box sx={{ display: 'flex', gap: 2, flexWrap: 'wrap', alignItems: 'start', mt: 1 }}>
        <TextField
          type="date"
          label={t('waitlist.until')}
          helperText={t('waitlist.hint')}
          value={until}
          onChange={(event) => setGiven(event.target.value)}
          slotProps={{ htmlInput: { min: from }, inputLabel: { shrink: true } }}
        />
        <Button variant="outlined" disabled={isLoading} onClick={() => void join()}>
          {t('waitlist.join')}
        </Button>
      </Box>
      <FaultAlert fault={error} />
    </Section>
  );
}
