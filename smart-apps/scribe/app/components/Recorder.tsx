/** Records with the microphone; each second of it is kept in the browser until the server has it. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useRecorder, type NewRecording } from '../recording/use-recorder.ts';
import { useUploads } from '../recording/use-uploads.ts';
import { useText } from '../words.ts';

const clock = (seconds: number): string =>
  `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;

interface Props {
  readonly made: NewRecording;
  /** Given the recording's id once it is finished and on its way. */
  readonly onFinished: (id: string) => void;
}

export function Recorder({ made, onFinished }: Props) {
  const t = useText();
  const { uploads } = useUploads();
  const { state, seconds, fault, start, toggle, finish } = useRecorder(made, () => uploads.refresh());
  const [isEmpty, setEmpty] = useState(false);
  const send = async (): Promise<void> => {
    const recording = await finish();
    setEmpty(recording === undefined);
    if (recording === undefined) return;
    onFinished(recording.id);
    await uploads.upload(recording);
  };
  return (
    <Stack spacing={2}>
      {fault && <Alert severity="error">{t(`recorder.${fault}`)}</Alert>}
      {isEmpty && state === 'inactive' && <Alert severity="warning">{t('recorder.empty')}</Alert>}
      <Typography variant="h2" component="p" role="timer" aria-label={t('recorder.time')}>
        {state === 'paused' ? t('recorder.paused', { time: clock(seconds) }) : clock(seconds)}
      </Typography>
      <Stack direction="row" spacing={1}>
        {state === 'inactive' ? (
          <Button variant="contained" onClick={() => void start()}>
            {t('recorder.start')}
          </Button>
        ) : (
          <>
            <Button variant="outlined" onClick={toggle}>
              {state === 'paused' ? t('recorder.go-on') : t('recorder.pause')}
            </Button>
            <Button variant="contained" onClick={() => void send()}>
              {t('recorder.finish')}
            </Button>
          </>
        )}
      </Stack>
    </Stack>
  );
}
