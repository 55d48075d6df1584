/** The way of kept recordings to the server: one after the other, again after a failure, and at once when the connection is back. */
import { faultOf, type ApiFault } from '@dr-assistant/ui/session';
import { changeRecording, forgetRecording, keptRecordings, type KeptRecording } from './recording-store.ts';
import { isPassing, retryDelayMs } from './retry.ts';
import { sendRecording } from './send-recording.ts';

/** `interrupted`: the page that recorded it has gone, and its clinician decides. */
export type Phase = 'recording' | 'interrupted' | 'waiting' | 'uploading' | 'retrying' | 'refused';

export interface RecordingView {
  readonly recording: KeptRecording;
  readonly phase: Phase;
  readonly fault?: ApiFault;
}

export interface UploadState {
  readonly views: readonly RecordingView[];
  /** Ids of Media by those of recordings that were sent since the page was opened. */
  readonly sent: Readonly<Record<string, string>>;
}

interface Progress {
  readonly phase: 'uploading' | 'retrying' | 'refused';
  readonly fault?: ApiFault;
}

const lockOf = (id: string): string => `recording ${id}`;
/** Only one tab uploads. */
const UPLOAD_LOCK = 'recording upload';

/** Held by the tab that records, for as long as it does; the browser frees it when the tab is gone. */
export async function whileRecording(id: string, done: Promise<unknown>): Promise<void> {
  await navigator.locks.request(lockOf(id), () => done);
}

async function heldLocks(): Promise<ReadonlySet<string | undefined>> {
  const { held = [] } = await navigator.locks.query();
  return new Set(held.map((lock) => lock.name));
}

export class Uploads {
  readonly #owner: string;
  readonly #progress = new Map<string, Progress>();
  readonly #attempts = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #state: UploadState = { views: [], sent: {} };
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param owner `Practitioner/1` */
  constructor(owner: string) {
    this.#owner = owner;
  }

  /** Begins with what an earlier page left; ends when the answer is called. */
  readonly start = (): (() => void) => {
    const again = (): void => void this.#work();
    addEventListener('online', again);
    again();
    return () => {
      removeEventListener('online', again);
      clearTimeout(this.#timer);
    };
  };

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  };

  readonly state = (): UploadState => this.#state;

  /** What is said to be finished is uploaded; also after the server refused it. */
  async upload(recording: KeptRecording): Promise<void> {
    await changeRecording({ ...recording, isFinished: true });
    this.#progress.delete(recording.id);
    await this.#work();
  }

  async discard(id: string): Promise<void> {
    await forgetRecording(id);
    this.#progress.delete(id);
    await this.refresh();
  }

  /** All of this user, or those of one patient. */
  async discardAll(patientId?: string): Promise<void> {
    for (const { id, patientId: of } of await keptRecordings(this.#owner))
      if (patientId === undefined || of === patientId) await forgetRecording(id);
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const [kept, held] = await Promise.all([keptRecordings(this.#owner), heldLocks()]);
    const views = kept.map((recording): RecordingView => {
      if (!recording.isFinished)
        return { recording, phase: held.has(lockOf(recording.id)) ? 'recording' : 'interrupted' };
      return { recording, ...(this.#progress.get(recording.id) ?? { phase: 'waiting' }) };
    });
    this.#change({ ...this.#state, views });
  }

  #change(state: UploadState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  async #work(): Promise<void> {
    clearTimeout(this.#timer);
    await this.refresh();
    await navigator.locks.request(UPLOAD_LOCK, { ifAvailable: true }, async (lock) => {
      if (lock !== null)
        for (const recording of await keptRecordings(this.#owner))
          if (recording.isFinished && this.#progress.get(recording.id)?.phase !== 'refused')
            await this.#send(recording);
    });
    const waiting = this.#state.views.filter((v) => v.phase === 'waiting' || v.phase === 'retrying');
    if (waiting.length === 0) return;
    const attempt = Math.max(...waiting.map((v) => this.#attempts.get(v.recording.id) ?? 1));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#work(), retryDelayMs(attempt, Math.random()));
  }

  async #send(recording: KeptRecording): Promise<void> {
    const { id } = recording;
    try {
      this.#progress.set(id, { phase: 'uploading' });
      await this.refresh();
      const mediaId = await sendRecording(recording);
      await forgetRecording(id);
      this.#progress.delete(id);
      this.#change({ ...this.#state, sent: { ...this.#state.sent, [id]: mediaId } });
    } catch (error) {
      const fault = faultOf(error);
      this.#attempts.set(id, (this.#attempts.get(id) ?? 0) + 1);
      this.#progress.set(id, { phase: isPassing(fault.status) ? 'retrying' : 'refused', fault });
    }
    await this.refresh();
  }
}
