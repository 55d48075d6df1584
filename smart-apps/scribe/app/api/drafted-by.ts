/** Which providers a draft is of, in words. */
import type { ScribeText } from '../words.ts';
import type { NoteDraft } from './note-draft.ts';

/** "Transcript: pocketsphinx 0.8 (demo quality). Note: Dr. Assistant embedded 0.1.0." */
export function draftedBy({ provider }: NoteDraft, t: ScribeText): string {
  const stages = (['transcribe', 'draft', 'extract'] as const).filter((s) => provider[s] !== undefined);
  return stages.map((stage) => t(`review.by-${stage}`, { name: provider[stage] })).join(' ');
}
