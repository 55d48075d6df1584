/** The figures of the server, looked at every few seconds while the page is open; what is older than some minutes goes. */
import { useEffect, useState } from 'react';
import { callJson, faultOf, type ApiFault } from '@dr-assistant/ui/session';
import { sampleOf, type Sample, type ServerFigures } from '../pure/server-figures.ts';

const EVERY_MS = 5_000;
const KEPT = (10 * 60_000) / EVERY_MS;

export interface Watched {
  /** The last look at each process that has answered. */
  readonly last: ReadonlyMap<number, ServerFigures>;
  /** By process, from old to new. */
  readonly samples: ReadonlyMap<number, readonly Sample[]>;
  readonly fault: ApiFault | undefined;
}

const NOTHING: Watched = { last: new Map(), samples: new Map(), fault: undefined };

export function useFigures(): Watched {
  const [watched, setWatched] = useState(NOTHING);
  useEffect(() => {
    const ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        const figures = await callJson<ServerFigures>('/admin/metrics', undefined, ending.signal);
        setWatched((before) => withLook(before, figures));
      } catch (error) {
        if (!ending.signal.aborted) setWatched((before) => ({ ...before, fault: faultOf(error) }));
      }
      if (!ending.signal.aborted) timer = setTimeout(() => void look(), EVERY_MS);
    };
    void look();
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, []);
  return watched;
}

function withLook({ last, samples }: Watched, figures: ServerFigures): Watched {
  const { process } = figures;
  const before = last.get(process);
  const sample = before === undefined ? undefined : sampleOf(before, figures);
  const kept = samples.get(process) ?? [];
  return {
    last: new Map(last).set(process, figures),
    samples: new Map(samples).set(process, sample === undefined ? kept : [...kept, sample].slice(-KEPT)),
    fault: undefined,
  };
}
