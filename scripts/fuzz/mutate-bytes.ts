/** Text that was right, with some bytes of it changed. */
import type { Random } from './random.ts';

const PIECES = [
  [0], [0xff, 0xfe], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xe2, 0x82], [0xef, 0xbb, 0xbf], ...['"', '{', '}', '[', ']', ',', ':', '\\', '\\u', 'e999', '-', '.',
  '<', '>', '/>', '&', '&#0;', '&x;', '<!--', ']]>', '<![CDATA[', '<!DOCTYPE a>', '<?x ?>', 'xmlns="x"', '\r\n', '\u2028', '['.repeat(2_000), '{"a":'.repeat(2_000),
  '<a>'.repeat(2_000)].map((text) => [...Buffer.from(text)]),
]; // prettier-ignore

function changeOnce(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.below(random.isOneIn(4) ? 2_000 : 8));
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    case 1:
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random.below(256)]), bytes.subarray(end)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(PIECES)), bytes.subarray(at)]);
  }
}

export function mutateBytes(random: Random, text: string): Uint8Array<ArrayBuffer> {
  let bytes = Buffer.from(text);
  const times = 1 + random.below(3);
  for (let i = 0; i < times; i += 1) bytes = changeOnce(random, bytes) as Buffer<ArrayBuffer>;
  return new Uint8Array(bytes);
}
