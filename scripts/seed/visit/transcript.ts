/** What was said as WebVTT, the cues of which are c1, c2 and so on. https://www.w3.org/TR/webvtt1/ */

export type Line = readonly [speaker: 'Doctor' | 'Patient', text: string];

const SECONDS_PER_CUE = 6;
const timestamp = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(11, 23);

export function toVtt(lines: readonly Line[]): string {
  const cues = lines.map(([speaker, text], i) => {
    const from = i * SECONDS_PER_CUE;
    return `c${i + 1}\n${timestamp(from)} --> ${timestamp(from + SECONDS_PER_CUE)}\n<v ${speaker}>${text}\n`;
  });
  return ['WEBVTT\n', ...cues].join('\n');
}
