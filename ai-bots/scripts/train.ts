/** Trains the embedded models on the shared data and writes `ai-bots/model/clinical.json`. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ARTEFACT, encode } from '../clinical/model/index.ts';
import { aciBench, mtsDialog, train } from '../training/index.ts';

const repository = resolve(import.meta.dirname, '../..');
const shared = resolve(process.env['DR_ASSISTANT_SHARED'] ?? join(repository, '../shared'), 'dialogues');

const started = performance.now();
const text = encode(train({ visits: aciBench(shared, 'train'), pieces: mtsDialog(shared, 'TrainingSet') }));
writeFileSync(ARTEFACT, text);
const seconds = ((performance.now() - started) / 1000).toFixed(0);
process.stdout.write(`${ARTEFACT}: ${(text.length / 1e6).toFixed(2)} MB, trained in ${seconds} s\n`);
