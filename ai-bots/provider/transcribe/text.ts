/** A transcript that came as text needs no recogniser. */
import type { TranscribeProvider } from '../stages.ts';
import { isText } from './recording.ts';

export const textProvider: TranscribeProvider = {
  name: 'written transcript',
  version: '1',
  party: 'here',
  isQuick: true,
  refusal: (recording) => (isText(recording) ? undefined : 'the recording is not text'),
  run(recording) {
    const contentType = recording.contentType === 'text/vtt' ? 'text/vtt' : 'text/plain';
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(recording.data);
      return Promise.resolve({ output: { kind: 'text', contentType, text } });
    } catch {
      return Promise.reject(new Error('the transcript is not valid UTF-8 text'));
    }
  },
};
