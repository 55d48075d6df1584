/** Formats of recordings as the services name them. https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html */

const ENDINGS: Readonly<Record<string, string>> = {
  'audio/amr': 'amr',
  'audio/flac': 'flac',
  'audio/x-m4a': 'm4a',
  'audio/m4a': 'm4a',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/mp4': 'mp4',
  'video/mp4': 'mp4',
  'audio/ogg': 'ogg',
  'audio/opus': 'ogg',
  'application/ogg': 'ogg',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/webm': 'webm',
  'video/webm': 'webm',
};

export const endingOf = (contentType: string): string | undefined => ENDINGS[contentType];
