/** The microphone: pieces go to the store as they come, and nothing of the sound is kept in memory. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { forgetRecording, keepPiece, keepRecording, type KeptRecording } from './recording-store.ts';
import { whileRecording } from './uploads.ts';

/** What a crash can cost at most. */
const PIECE_MS = 1_000;

export type RecorderFault = 'microphone' | 'storage';
export type NewRecording = Pick<KeptRecording, 'owner' | 'patientId' | 'encounterId' | 'consentId'>;

interface Running {
  readonly media: MediaRecorder;
  readonly stop: () => Promise<KeptRecording>;
}

/** Starts it; `onTick` hears the seconds with sound. Rejects when the microphone may not be used. */
async function begin(
  made: NewRecording,
  onTick: (seconds: number) => void,
  onFault: (fault: RecorderFault) => void,
): Promise<Running> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const media = new MediaRecorder(stream);
  let recording: KeptRecording = {
    ...made,
    id: crypto.randomUUID(),
    startedAt: new Date().toISOString(),
    contentType: media.mimeType || 'audio/webm',
    seconds: 0,
    isFinished: false,
  };
  await keepRecording(recording);
  const stopped = Promise.withResolvers<undefined>();
  // The lock is held before there is a piece, so that no other tab takes the recording for an interrupted one.
  void whileRecording(recording.id, stopped.promise);
  let [pieces, pausedMs, pausedAt] = [0, 0, 0];
  let writing: Promise<unknown> = Promise.resolve();
  const startedMs = performance.now();
  media.onpause = () => (pausedAt = performance.now());
  media.onresume = () => (pausedMs += performance.now() - pausedAt);
  media.ondataavailable = ({ data }) => {
    if (data.size === 0) return;
    const now = media.state === 'paused' ? pausedAt : performance.now();
    recording = { ...recording, seconds: Math.round((now - startedMs - pausedMs) / 1_000) };
    const [piece, n] = [recording, pieces++];
    writing = writing.then(() => keepPiece(piece, n, data)).catch(() => onFault('storage'));
    onTick(recording.seconds);
  };
  const ended = Promise.withResolvers<undefined>();
  media.onstop = () => ended.resolve(undefined);
  media.start(PIECE_MS);
  return {
    media,
    async stop() {
      if (media.state !== 'inactive') media.stop();
      await ended.promise;
      for (const track of stream.getTracks()) track.stop();
      await writing;
      stopped.resolve(undefined);
      return recording;
    },
  };
}

/** @param onLeft called when the page is left while it records, after the last piece is kept */
export function useRecorder(made: NewRecording, onLeft: () => unknown) {
  const running = useRef<Running>(null);
  const left = useRef(onLeft);
  const [state, setState] = useState<RecordingState>('inactive');
  const [seconds, setSeconds] = useState(0);
  const [fault, setFault] = useState<RecorderFault>();
  useEffect(
    () => () => {
      // Who leaves the page finds the recording among the interrupted ones.
      void running.current?.stop().then(() => left.current());
      running.current = null;
    },
    [],
  );
  const start = async (): Promise<void> => {
    try {
      setFault(undefined);
      running.current = await begin(made, setSeconds, setFault);
      setSeconds(0);
      setState('recording');
    } catch {
      setFault('microphone');
    }
  };
  const toggle = (): void => {
    const media = running.current?.media;
    if (media?.state === 'recording') media.pause();
    else media?.resume();
    setState(media?.state ?? 'inactive');
  };
  /** Undefined when nothing was recorded. */
  const finish = useCallback(async (): Promise<KeptRecording | undefined> => {
    const current = running.current;
    running.current = null;
    setState('inactive');
    const recording = await current?.stop();
    if (recording === undefined || recording.seconds > 0) return recording;
    await forgetRecording(recording.id);
    return undefined;
  }, []);
  return { state, seconds, fault, start, toggle, finish };
}
