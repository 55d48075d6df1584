/** `npm run sbom -- <folder>`: what is in the servers and in the bots, as CycloneDX, by the lockfile. https://cyclonedx.org/specification/overview/ */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from './pinned-node.ts';

const WORKSPACES = ['fhir-server', 'ai-bots', 'smart-apps/ui', 'smart-apps/scribe', 'smart-apps/ehr', 'smart-apps/portal', 'smart-apps/console']; // prettier-ignore

/** Not among our packages: it brings many of its own, and only a release needs it. */
const TOOL = '@cyclonedx/cyclonedx-npm@6.0.1';

const folder = resolve(process.argv[2] ?? 'sbom');
mkdirSync(folder, { recursive: true });
for (const workspace of WORKSPACES) {
  const file = join(folder, `${workspace.replace('/', '-')}.cdx.json`);
  const { status, stderr } = spawnSync(
    'npm',
    [
      ...[
        'exec',
        '--yes',
        `--package=${TOOL}`,
        '--',
        'cyclonedx-npm',
        '--package-lock-only',
        '--omit',
        'dev',
      ],
      // npm lists optional peers that are of another version as errors.
      ...['--ignore-npm-errors', '--output-reproducible', '--workspace', workspace, '--output-file', file],
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (status !== 0) {
    console.error(`the list of ${workspace} ended with ${status}: ${stderr}`);
    process.exit(1);
  }
  console.log(file);
}
