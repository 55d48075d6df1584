/**
 * Writes what clinicians made of drafts as de-identified NDJSON, for `npm run train -- --with-feedback <file>`:
 * `node scripts/export-feedback.ts <file>`, with the settings of the bots (FHIR_BASE_URL, BOT_KEY_DIR, or BOT_CLIENT_ID and BOT_PRIVATE_KEY_FILE).
 */
import { open } from 'node:fs/promises';
import { exportFeedback } from '../feedback/index.ts';
import { createTokenSource } from '../runtime/access-token.ts';
import { loadConfig } from '../runtime/config.ts';
import { createFhirApi } from '../runtime/fhir-api.ts';
import { loadIdentity } from '../runtime/identity.ts';

/** Reads, and nothing else. */
const SCOPE = 'system/DocumentReference.rs system/Patient.r system/Practitioner.r system/Binary.r';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Name the file to write, e.g. feedback.ndjson.');
const BOT = 'visit-scribe';
// Nothing is delivered to this program: it needs no secret of notifications.
const config = loadConfig({
  ...process.env,
  BOTS: BOT,
  BOT_PATHS: '',
  BOT_SUBSCRIPTION_SECRET_FILE: '',
  BOT_SUBSCRIPTION_SECRET: 'not used'.repeat(4),
});
const { fhirBase } = config;
const tokens = createTokenSource({ fhirBase, ...loadIdentity(config, BOT), scope: SCOPE });
const api = createFhirApi(fhirBase, tokens);
const counts = { visits: 0, kept: 0, changed: 0, removed: 0, added: 0 };
// Readable by its owner alone: de-identified is not public. A file that is there would keep its own mode: it is refused.
const out = await open(file, 'wx', 0o600);
try {
  for await (const visit of exportFeedback(api)) {
    counts.visits += 1;
    for (const { label } of visit.sentences) counts[label] += 1;
    await out.write(`${JSON.stringify(visit)}\n`);
  }
} finally {
  await out.close();
}
process.stdout.write(`${JSON.stringify(counts)}\n`);
