/** The table at the end of a start: where things are and who may log in. */
import type { DemoFile } from './demo.ts';
import type { StartOptions } from './options.ts';

function rows(lines: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const line of lines) line.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return lines
    .map((line) => `  ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('   ')}`.trimEnd())
    .join('\n');
}

export function banner(options: StartOptions, demo: DemoFile | undefined, database: string): string {
  const { baseUrl } = options;
  const places = rows([
    ['EHR page', `${baseUrl}/apps/ehr/`],
    ['Scribe app', `${baseUrl}/apps/scribe/`],
    ['Patient portal', `${baseUrl}/apps/portal/`],
    ['Console', `${baseUrl}/apps/console/`],
    ['FHIR R4', `${baseUrl}/fhir/R4`],
    ['SMART', `${baseUrl}/fhir/R4/.well-known/smart-configuration`],
    ['Database', database],
  ]);
  const logins =
    demo === undefined
      ? ''
      : `\n\n${rows([
          ['login', 'password', 'is'],
          ...demo.users.map(({ username, password, fhirUser }) => [username, password, fhirUser]),
        ])}\n\n  The same for scripts, with a backend client: ${options.dataDir}/demo.json`;
  return `\nDr. Assistant is ready.\n\n${places}${logins}\n\n  Ctrl-C stops everything.\n`;
}
