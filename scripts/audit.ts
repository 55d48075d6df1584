/** `npm run audit`: known weaknesses of the packages that run, as the registry knows them. Without a registry that can tell, it says so and fails nobody. */
import { spawnSync } from 'node:child_process';

interface AuditReport {
  readonly metadata?: { readonly vulnerabilities?: Readonly<Record<string, number>> };
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>;
}

const GRAVE = ['high', 'critical'];
const TIMEOUT_MS = 60_000;

const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  timeout: TIMEOUT_MS,
  maxBuffer: 64 * 1024 * 1024,
});

function parse(text: string | null): AuditReport | undefined {
  try {
    return JSON.parse(text ?? '') as AuditReport;
  } catch {
    return undefined;
  }
}

const report = error === undefined ? parse(stdout) : undefined;
if (report?.metadata?.vulnerabilities === undefined) {
  console.log('audit: NOT DONE, the registry cannot be asked or does not answer audits');
} else {
  const grave = Object.entries(report.vulnerabilities ?? {}).filter(([, { severity }]) =>
    GRAVE.includes(severity),
  );
  for (const [name, { severity, range }] of grave) console.error(`audit: ${severity}: ${name} ${range}`);
  console.log(`audit: ${grave.length} packages with a known weakness that is high or critical`);
  if (grave.length > 0) process.exitCode = 1;
}
