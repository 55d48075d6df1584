/** Records with the microphone; every few seconds what was said so far is kept in the browser. */
import { useEffect, useRef, useState } from 'react';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { forgetRecording, keepPiece, keptRecording } from '../hooks/recording-store.ts';
import { useText } from '../words.ts';

const PIECE_MS = 3_000;

const clock = (seconds: number): string =>
  `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;

export function Recorder({
  patientId,
  onRecorded,
}: {
  patientId: string;
  onRecorded: (audio: Blob) => void;
}) {
  const t = useText();
  const recorder = useRef<MediaRecorder>(null);
  const [state, setState] = useState<RecordingState>('inactive');
  const [seconds, setSeconds] = useState(0);
  const [fault, setFault] = useState<string>();
  const [kept, setKept] = useState<Blob>();
  useEffect(() => {
    keptRecording(patientId).then(setKept, () => setKept(undefined));
    return () => recorder.current?.stream.getTracks().forEach((track) => track.stop());
  }, [patientId]);
  useEffect(() => {
    if (state !== 'recording') return undefined;
    const timer = setInterval(() => setSeconds((s) => s + 1), 1_000);
    return () => clearInterval(timer);
  }, [state]);

  const start = async (): Promise<void> => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      await forgetRecording();
      const started = new MediaRecorder(stream);
      started.ondataavailable = (event) => {
        if (event.data.size > 0)
          keepPiece(patientId, event.data).catch(() => setFault(t('recorder.storage')));
      };
      started.start(PIECE_MS);
      recorder.current = started;
      setSeconds(0);
      setState('recording');
    } catch {
      setFault(t('recorder.microphone'));
    }
  };
  const toggle = (): void => {
    const current = recorder.current;
    if (current?.state === 'recording') current.pause();
    else current?.resume();
    setState(current?.state ?? 'inactive');
  };
  const finish = (): void => {
    const current = recorder.current;
    if (current === null) return;
    current.onstop = () => {
      current.stream.getTracks().forEach((track) => track.stop());
      setState('inactive');
      keptRecording(patientId).then(
        (audio) => audio && onRecorded(audio),
        () => setFault(t('recorder.storage')),
      );
    };
    current.stop();
  };

  return (
    <Stack spacing={2}>
      {fault && <Alert severity="error">{fault}</Alert>}
      {kept && state === 'inactive' && (
        <Alert
          severity="info"
          action={<Button onClick={() => onRecorded(kept)}>{t('recorder.use-kept')}</Button>}
        >
          {t('recorder.kept')}
        </Alert>
      )}
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
            <Button variant="contained" onClick={finish}>
              {t('recorder.finish')}
            </Button>
          </>
        )}
      </Stack>
    </Stack>
  );
}
