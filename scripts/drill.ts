/** `npm run drill`: whether what operations.md says of backups brings back everything, tried on a real server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { positive, readOptions } from './bench/options.ts';
import { runDrill } from './drill/run.ts';

const USAGE = `npm run drill -- [options]
  --seconds n   how long clients write in each of three rounds (10)`;

const options = readOptions(USAGE, { seconds: { type: 'string', default: '10' } });
const writeMs = positive(USAGE, 'seconds', options.seconds) * 1_000;
const home = mkdtempSync(join(tmpdir(), 'dr-assistant-drill-'));
try {
  const { compared, toTheMoment, toTheEnd } = await runDrill(home, { writeMs, say: (l) => console.log(l) });
  const faults = [
    ...toTheMoment.faults.map((fault) => `to the moment: ${fault}`),
    ...toTheEnd.faults.map((fault) => `to the end: ${fault}`),
  ];
  for (const fault of faults.slice(0, 50)) console.error(fault);
  console.log(faults.length === 0 ? `All of ${compared} checksums are right.` : `${faults.length} faults.`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}
