/** Recordings that the server has not got: how far each is, and what to do with one that was interrupted. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import { nameOf } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { ConfirmDialog, LiveRegion } from '@dr-assistant/ui/layout';
import { usePatientQuery } from '../api/scribe-api.ts';
import type { RecordingView } from '../recording/uploads.ts';
import { useUploads } from '../recording/use-uploads.ts';
import { useText } from '../words.ts';
import { ScribeFault } from './ScribeFault.tsx';

/** @param patientId whose alone; all of the user's when left out */
export function KeptRecordings({ patientId }: { patientId: string | undefined }) {
  const { views } = useUploads();
  const own = views.filter(
    ({ recording, phase }) =>
      phase !== 'recording' && (patientId === undefined || recording.patientId === patientId),
  );
  return (
    <LiveRegion>
      <Stack spacing={1} sx={{ mb: own.length > 0 ? 2 : 0 }}>
        {own.map((view) => (
          <KeptLine key={view.recording.id} view={view} />
        ))}
      </Stack>
    </LiveRegion>
  );
}

const SEVERITY = {
  recording: 'info',
  interrupted: 'warning',
  waiting: 'info',
  uploading: 'info',
  retrying: 'warning',
  refused: 'error',
} as const;

function KeptLine({ view: { recording, phase, fault } }: { view: RecordingView }) {
  const t = useText();
  const words = useWords();
  const { uploads } = useUploads();
  const [isAsking, setAsking] = useState(false);
  const { data: patient } = usePatientQuery(recording.patientId);
  const time = new Intl.DateTimeFormat(words.language, {
    timeStyle: 'short',
    timeZone: words.timeZone,
  }).format(new Date(recording.startedAt));
  const { seconds } = recording;
  const length =
    seconds < 60
      ? t('kept.seconds', { count: seconds })
      : t('kept.minutes', { count: Math.round(seconds / 60) });
  const name = patient === undefined ? '' : nameOf(patient, words);
  return (
    <>
      <Alert
        severity={SEVERITY[phase]}
        action={
          phase !== 'uploading' && (
            <Stack direction="row" sx={{ flexWrap: 'wrap' }}>
              <Button onClick={() => void uploads.upload(recording)}>{t('kept.upload')}</Button>
              <Button color="secondary" onClick={() => setAsking(true)}>
                {t('kept.discard')}
              </Button>
            </Stack>
          )
        }
      >
        {name === '' ? t('kept.here', { length, time }) : t('kept.here-of', { length, time, name })}{' '}
        {t(`kept.${phase}`)}
      </Alert>
      {phase === 'refused' && <ScribeFault fault={fault} />}
      <ConfirmDialog
        isOpen={isAsking}
        title={t('kept.discard-title')}
        confirm={t('kept.discard')}
        onConfirm={() => {
          setAsking(false);
          void uploads.discard(recording.id);
        }}
        onCancel={() => setAsking(false)}
      >
        {t('kept.discard-asks', { length, time })}
      </ConfirmDialog>
    </>
  );
}
