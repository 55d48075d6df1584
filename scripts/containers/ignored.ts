/** What .dockerignore keeps from the builder. https://docs.docker.com/build/concepts/context/#dockerignore-files */
import { matchesGlob } from 'node:path';

/** Whether a path of the repository, or a folder that it is in, is left out. Exceptions (`!`) are not known, and refused. */
export function readIgnored(text: string): (path: string) => boolean {
  const lines = text.split('\n').map((line) => line.trim());
  const patterns = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const exception = patterns.find((pattern) => pattern.startsWith('!'));
  if (exception !== undefined)
    throw new Error(`.dockerignore: exceptions are not understood here: ${exception}`);
  return (path) => {
    const parts = path.split('/');
    const withFolders = parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
    return withFolders.some((each) => patterns.some((pattern) => matchesGlob(each, pattern)));
  };
}
