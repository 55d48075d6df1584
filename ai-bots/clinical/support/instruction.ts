/** Words of a visit that speak to the software instead of to the other person: data all the same, never believed. */
import type { Segment, Transcript } from '../types.ts';

const ALWAYS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|prompts?|rules|guidelines|guardrails)\b/i,
  /\b(?:system|developer) (?:prompt|message|instructions?)\b/i,
  /\b(?:you are|act as|pretend to be|as) (?:now )?an? (?:ai|language model|chatbot|llm|assistant without)\b/i,
  /<\/?(?:system|assistant|user|instructions?|transcript|visit)>|\[\/?inst\]|<\|[a-z_]+\|>|"role"\s*:/i,
  /\bdo not (?:mention|tell|reveal)\b.{0,30}\b(?:instruction|prompt|doctor|clinician)\b/i,
];
/** A clinician may well dictate so; a patient has no reason to. */
const FROM_OTHERS =
  /\b(?:write|add|put|state|record|document|insert|include|output|print|note)\b.{0,30}\bthat (?:the|this) patient\b|\b(?:output|print|respond with|reply with|return)\b.{0,20}\b(?:json|only|exactly)\b/i;

const speaksToSoftware = (segment: Segment): boolean =>
  ALWAYS.some((pattern) => pattern.test(segment.text)) ||
  (segment.role !== 'clinician' && FROM_OTHERS.test(segment.text));

/** Ids of such segments, and of what the same voice says right behind them. */
export function instructionSegments({ segments }: Transcript): ReadonlySet<string> {
  const found = new Set<string>();
  segments.forEach((segment, i) => {
    if (!speaksToSoftware(segment)) return;
    found.add(segment.id);
    const next = segments[i + 1];
    const isSameVoice = next !== undefined && next.speaker === segment.speaker;
    if (isSameVoice) found.add(next.id);
  });
  return found;
}
