/** What was said in a visit, by whom and when: from text or WebVTT, and back to WebVTT. */
import type { Transcript } from '../types.ts';
import { parsePlain } from './plain.ts';
import { assignRoles } from './speaker.ts';
import { parseVtt } from './vtt.ts';

export { gapFeatures, punctuated, questionFeatures } from './boundary.ts';
export { withChannelRoles } from './channels.ts';
export { clean } from './clean.ts';
export { changeFeatures, voiceFeatures, voicesOf } from './voices.ts';
export { toVtt } from './vtt.ts';

/** Throws an Error in words when the text holds nothing that was said. */
export function parseTranscript(text: string, contentType: 'text/plain' | 'text/vtt'): Transcript {
  const vtt = contentType === 'text/vtt' || /^\uFEFF?WEBVTT(\s|$)/.test(text);
  const segments = assignRoles(vtt ? parseVtt(text) : parsePlain(text));
  if (segments.length === 0) throw new Error('The transcript holds nothing that was said.');
  return { segments };
}
