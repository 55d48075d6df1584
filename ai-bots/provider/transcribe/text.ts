/** A transcript that came as text needs no recogniser. */
import type { Provider } from '../../orchestrator/index.ts';
import { isText, type Recognised, type Recording } from './recording.ts';

export const textProvider: Provider<Recording, Recognised> = {
  name: 'written transcript',
  version: '1',
  refusal: (recording) => (isText(recording) ? undefined : 'the recording is not text'),
  run(recording) {
    const contentType = recording.contentType === 'text/vtt' ? 'text/vtt' : 'text/plain';
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(recording.data);
      return Promise.resolve({ kind: 'text', contentType, text });
    } catch {
      return Promise.reject(new Error('the transcript is not valid UTF-8 text'));
    }
  },
};
