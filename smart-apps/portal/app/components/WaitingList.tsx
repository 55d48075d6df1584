/** What the patient waits for, and the way off the list. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import type { Appointment } from '@medplum/fhirtypes';
import { formatDay } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { ConfirmDialog, FaultAlert } from '@dr-assistant/ui/layout';
import { useCancelMutation } from '../api/appointments.ts';
import { staffOf } from '../appointments/appointment.ts';
import { useText } from '../words.ts';
import { Entry, EntryList, Section } from './Section.tsx';

interface Props {
  readonly waiting: readonly Appointment[];
  /** Told what was done. */
  readonly onDone: (words: string) => void;
}

/** Nothing for who does not wait. */
export function WaitingList({ waiting, onDone }: Props) {
  const t = useText();
  const [left, setLeft] = useState<Appointment>();
  const [cancel, { error, isLoading }] = useCancelMutation();
  if (waiting.length === 0) return null;
  const leave = async (): Promise<void> => {
    if (left === undefined || isLoading) return;
    const { data } = await cancel({ id: left.id ?? '', reason: { text: t('waitlist.leave') } });
    if (data === undefined) return;
    setLeft(undefined);
    onDone(t('waitlist.left'));
  };
  return (
    <Section title={t('waitlist.title')}>
      <EntryList
        label={t('waitlist.title')}
        entries={waiting.map((one) => ({
          key: one.id ?? '',
          view: (
            <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, justifyContent: 'space-between' }}>
              <WaitingText appointment={one} />
              <Button onClick={() => setLeft(one)}>{t('waitlist.leave')}</Button>
            </Box>
          ),
        }))}
        none=""
      />
      <ConfirmDialog
        isOpen={left !== undefined}
        title={t('waitlist.leave-title')}
        confirm={t('waitlist.leave')}
        cancel={t('waitlist.stay')}
        onConfirm={() => void leave()}
        onCancel={() => setLeft(undefined)}
      >
        <Typography>{t('waitlist.leave-what')}</Typography>
        <FaultAlert fault={error} />
      </ConfirmDialog>
    </Section>
  );
}

function WaitingText({ appointment }: { appointment: Appointment }) {
  const t = useText();
  const words = useWords();
  const { description, requestedPeriod = [] } = appointment;
  const who = staffOf(appointment).join(', ');
  return (
    <Box sx={{ flex: '1 1 14rem', minWidth: 0 }}>
      <Entry
        what={description ?? t('appointments.no-time')}
        details={[
          who !== '' && t('appointments.with', { who }),
          ...requestedPeriod.map(({ start = '', end = '' }) =>
            t('waitlist.period', { start: formatDay(start, words), end: formatDay(end, words) }),
          ),
        ]}
      />
    </Box>
  );
}
