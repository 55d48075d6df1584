/** The sound of the visit, fetched with the session's token when it is first wanted, and played from one moment to another. */
import { useEffect, useRef, useState } from 'react';
import type { Attachment } from '@medplum/fhirtypes';
import { call, faultOf, type ApiFault } from '@dr-assistant/ui/session';

export interface Playback {
  readonly isPlaying: boolean;
  readonly isLoading: boolean;
  readonly fault: ApiFault | undefined;
  /** @param endMs where it pauses by itself; undefined: at the end of the recording */
  play(startMs: number, endMs?: number): void;
  pause(): void;
}

/** Undefined where there is no recording to be heard. */
export function usePlayback(recording: Attachment | undefined): Playback | undefined {
  const audio = useRef<HTMLAudioElement>(null);
  const until = useRef<number>(undefined);
  const address = useRef<Promise<string>>(undefined);
  const [isPlaying, setPlaying] = useState(false);
  const [isLoading, setLoading] = useState(false);
  const [fault, setFault] = useState<ApiFault>();
  const url = recording?.url;
  useEffect(() => {
    if (url === undefined) return;
    const element = new Audio();
    audio.current = element;
    element.onplay = () => setPlaying(true);
    element.onpause = () => setPlaying(false);
    element.ontimeupdate = () => {
      if (until.current !== undefined && element.currentTime * 1_000 >= until.current) element.pause();
    };
    return () => {
      element.pause();
      audio.current = null;
      void address.current?.then(
        (blob) => URL.revokeObjectURL(blob),
        () => undefined,
      );
      address.current = undefined;
    };
  }, [url]);
  if (recording === undefined || url === undefined) return undefined;
  const load = (): Promise<string> => {
    address.current ??= loadSound(recording).catch((error: unknown) => {
      address.current = undefined;
      throw error;
    });
    return address.current;
  };
  const start = async (startMs: number, endMs: number | undefined): Promise<void> => {
    setFault(undefined);
    setLoading(true);
    try {
      const source = await load();
      const element = audio.current;
      if (element === null) return;
      if (element.src !== source) element.src = source;
      until.current = endMs;
      element.currentTime = startMs / 1_000;
      await element.play();
    } catch (error) {
      // A pause before it began is no fault.
      if ((error as Error).name !== 'AbortError') setFault(faultOf(error));
    } finally {
      setLoading(false);
    }
  };
  return {
    isPlaying,
    isLoading,
    fault,
    play: (startMs, endMs) => void start(startMs, endMs),
    pause: () => audio.current?.pause(),
  };
}

/** An address for this page alone. Throws ApiError. */
async function loadSound({ url = '', contentType }: Attachment): Promise<string> {
  const response = await call(url, { headers: { Accept: contentType ?? 'audio/*' } });
  return URL.createObjectURL(new Blob([await response.blob()], { type: contentType ?? '' }));
}
