/** Recordings with a microphone a speaker: each channel is recognised by itself, and what was heard is put in order of time. */
import { ProviderFault } from '../../orchestrator/provider.ts';
import type { Recording, Segment } from './recording.ts';
import { decodeAudio } from './audio.ts';
import { decodeWavChannels, RECOGNISER_RATE_HZ } from './wav.ts';

const FRAME = RECOGNISER_RATE_HZ / 10;
/** Of the full scale, as mean square: below it nobody speaks. */
const SILENCE = 1e-5;
/** One microphone hears its speaker so many times louder, in power. */
const LOUDER = 4;
const APART_SHARE = 0.7;
const LEAD_SHARE = 0.05;

/**
 * Two channels of which each leads for a part of the time, and clearly: two microphones. A stereo recording of a room
 * has both voices in both channels and stays one.
 */
export function areSpeakers([left, right]: readonly [Int16Array, Int16Array]): boolean {
  let [active, leads, lags] = [0, 0, 0];
  for (let at = 0; at + FRAME <= Math.min(left.length, right.length); at += FRAME) {
    const [a, b] = [power(left, at), power(right, at)];
    if (Math.max(a, b) < SILENCE) continue;
    active += 1;
    if (a > LOUDER * b) leads += 1;
    if (b > LOUDER * a) lags += 1;
  }
  return active > 0 && leads + lags >= APART_SHARE * active && Math.min(leads, lags) >= LEAD_SHARE * active;
}

function power(samples: Int16Array, from: number): number {
  let sum = 0;
  for (let i = from; i < from + FRAME; i += 1) sum += ((samples[i] ?? 0) / 32_768) ** 2;
  return sum / FRAME;
}

/** What each channel heard, by the time at which it began; of what began together the first channel is first. */
export function mergeByTime(channels: readonly (readonly Segment[])[]): Segment[] {
  if (channels.length === 1) return [...(channels[0] ?? [])];
  return channels
    .flatMap((segments, channel) => segments.map((segment): Segment => ({ ...segment, channel })))
    .sort((a, b) => a.startMs - b.startMs || (a.channel ?? 0) - (b.channel ?? 0));
}

/** Two sounds when each channel is a speaker's, otherwise one. Throws ProviderFault: another attempt would fail as well. */
export async function soundsOf(recording: Recording, signal: AbortSignal): Promise<readonly Int16Array[]> {
  try {
    const channels = decodeWavChannels(recording.data);
    const isApart = channels !== undefined && areSpeakers(channels);
    return isApart ? channels : [await decodeAudio(recording, signal)];
  } catch (error) {
    signal.throwIfAborted();
    // The texts are our own and quote nothing of the recording.
    throw new ProviderFault('rejected', error instanceof Error ? error.message : 'it cannot be decoded');
  }
}
