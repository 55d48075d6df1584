/** Sentences of a turn, with the spacing of tokenised transcripts made even. */

/** Joins what tokenisers split ("do n't", "it 's", " ,"); decimal points and "dr." end no sentence. */
export function sentencesOf(text: string): string[] {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[’‘]/g, "'")
    .replace(/ (n't|'s|'m|'re|'ve|'ll|'d)\b/gi, '$1')
    .replace(/ ([,.?!;:%])/g, '$1')
    .split(/(?<=[.?!])(?<!\b(?:dr|mr|mrs|ms|st|vs)\.)\s+(?=\S)/i)
    .map((s) => s.trim())
    .filter((s) => s !== '');
}
