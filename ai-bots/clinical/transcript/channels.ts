/** Which microphone is the clinician's, by the words that each heard. */
import { hashed, score, trained } from '../model/index.ts';
import type { Role } from '../types.ts';
import { clean } from './clean.ts';
import { voiceFeatures } from './voices.ts';

interface Heard {
  readonly text: string;
  /** From 0; undefined when the recording has no channel a speaker. */
  readonly channel?: number;
  readonly role?: Role;
}

/** Log odds a sentence below which the words of two channels tell nothing. */
const MARGIN = 0.1;

/** Gives two channels their roles, the clinician and the patient. What has a role keeps it; in doubt nobody gets one. */
export function withChannelRoles<Segment extends Heard>(
  segments: readonly Segment[],
): (Segment & { readonly role?: Role })[] {
  const channels = [...new Set(segments.flatMap(({ channel }) => channel ?? []))];
  const [first, second] = channels.map((channel) => likeness(segments, channel));
  if (channels.length !== 2 || first === undefined || second === undefined) return [...segments];
  if (Math.abs(first - second) < MARGIN) return [...segments];
  const clinician = channels[first > second ? 0 : 1];
  return segments.map((segment) =>
    segment.channel === undefined || segment.role !== undefined
      ? segment
      : { ...segment, role: segment.channel === clinician ? 'clinician' : 'patient' },
  );
}

/** How much the words of a channel are a clinician's: the mean of the log odds, by length. */
function likeness(segments: readonly Heard[], channel: number): number {
  const { clinician } = trained().models;
  let [sum, words] = [0, 0];
  for (const { text } of segments.filter((s) => s.channel === channel)) {
    const length = text.split(' ').length;
    sum += length * score(clinician, hashed(voiceFeatures(clean(text)), clinician.bits));
    words += length;
  }
  return words === 0 ? 0 : sum / words;
}
