/** What the transcribe stage takes and gives. */
import type { Role } from '../../clinical/types.ts';

export interface Recording {
  /** Media type without parameters, in lower case: `audio/webm`, `text/vtt`. */
  readonly contentType: string;
  readonly data: Buffer;
}

/** Either a text with its own structure, or what a recogniser heard, with times. */
export type Recognised =
  | { readonly kind: 'text'; readonly contentType: 'text/plain' | 'text/vtt'; readonly text: string }
  | { readonly kind: 'segments'; readonly segments: readonly Segment[] };

export interface Segment {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  /** The recogniser's label, e.g. `Speaker 1`: a voice that comes back, not a name. */
  readonly speaker?: string;
  /** Only where the recogniser, or the channel, tells. */
  readonly role?: Role;
  /** Of a recording with one microphone a channel, from 0. */
  readonly channel?: number;
}

export const isText = (recording: Recording): boolean =>
  recording.contentType === 'text/plain' || recording.contentType === 'text/vtt';

/** Recordings from a browser are often labelled video/webm although they hold only sound. */
export const isSound = (recording: Recording): boolean =>
  /^(audio|video)\//.test(recording.contentType) || recording.contentType === 'application/ogg';
