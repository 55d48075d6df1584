/** CMU PocketSphinx as installed on the machine: recognises enough to show the way, not enough for a patient. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProviderFault } from '../../orchestrator/provider.ts';
import type { TranscribeProvider } from '../stages.ts';
import { mergeByTime, soundsOf } from './channels.ts';
import { findProgram, inPrivateFolder, runProgram } from './program.ts';
import { isSound, type Segment } from './recording.ts';
import { encodeWav, secondsOf } from './wav.ts';

/** Version 0.8 (Debian 12) has `pocketsphinx_continuous`, version 5 has `pocketsphinx`. */
const PROGRAMS = ['pocketsphinx_continuous', 'pocketsphinx'] as const;

export function pocketsphinxProvider(): TranscribeProvider {
  const found = PROGRAMS.map((name) => ({ name, path: findProgram(name) })).find((p) => p.path !== undefined);
  return {
    name: 'pocketsphinx',
    version: found?.name === 'pocketsphinx' ? '5' : '0.8',
    remark: 'demo quality',
    party: 'here',
    refusal(recording) {
      if (!isSound(recording)) return 'the recording is not sound';
      return found === undefined ? 'pocketsphinx is not installed' : undefined;
    },
    async run(recording, signal) {
      const sounds = await soundsOf(recording, signal);
      const recognise = (samples: Int16Array): Promise<Segment[]> =>
        inPrivateFolder(async (folder) => {
          const file = join(folder, 'speech.wav');
          await writeFile(file, encodeWav(samples), { mode: 0o600 });
          const path = found?.path ?? '';
          if (found?.name === 'pocketsphinx')
            return parseJsonLines(await runProgram(path, ['single', file], signal));
          const args = ['-infile', file, '-time', 'yes', '-logfn', '/dev/null'];
          return parseTimedWords(await runProgram(path, args, signal));
        });
      const heard: Segment[][] = [];
      for (const samples of sounds) heard.push(await recognise(samples));
      const segments = mergeByTime(heard);
      if (segments.length === 0) throw new ProviderFault('unusable', 'no words were recognised');
      const audioSeconds = sounds.reduce((sum, samples) => sum + secondsOf(samples), 0);
      return { output: { kind: 'segments', segments }, usage: { audioSeconds } };
    },
  };
}

const WORD = /^(\S+) (\d+\.\d+) (\d+\.\d+) \d+\.\d+$/;

/** Output of version 0.8 with `-time yes`: each utterance as a line, then its words as `word start end score`. */
export function parseTimedWords(output: string): Segment[] {
  const segments: { startMs: number; endMs: number; text: string }[] = [];
  for (const line of output.split('\n').map((l) => l.trim())) {
    const [, word, start, end] = WORD.exec(line) ?? [];
    const last = segments.at(-1);
    if (word === undefined) {
      if (line !== '') segments.push({ startMs: -1, endMs: -1, text: line });
    } else if (last !== undefined && !/^(<|\[)/.test(word)) {
      if (last.startMs < 0) last.startMs = Math.round(Number(start) * 1000);
      last.endMs = Math.round(Number(end) * 1000);
    }
  }
  return segments.filter((s) => s.startMs >= 0);
}

/** Output of version 5: one JSON object a line, `b` start and `d` duration in seconds, `t` the text. */
export function parseJsonLines(output: string): Segment[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { b: number; d: number; t: string })
    .filter(({ t }) => t.trim() !== '')
    .map(({ b, d, t }) => ({
      startMs: Math.round(b * 1000),
      endMs: Math.round((b + d) * 1000),
      text: t.trim(),
    }));
}
