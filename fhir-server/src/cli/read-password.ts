/** A password from a file, from the standard input, or typed without being shown; never an argument, which every user of the machine can see. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

const withoutLineBreak = (content: string): string => content.replace(/\r?\n$/, '');

/** Undefined when it was typed differently the second time. */
export async function readPassword(file: string | undefined): Promise<string | undefined> {
  if (file !== undefined) return withoutLineBreak(readFileSync(file, 'utf8'));
  if (!process.stdin.isTTY) return withoutLineBreak(await text(process.stdin));
  const first = await ask('Password: ');
  return (await ask('Once more: ')) === first ? first : undefined;
}

async function ask(prompt: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(prompt);
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
