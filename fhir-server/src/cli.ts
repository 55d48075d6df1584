/** The command line of those who run the server: a table of commands. */
import { ADMINISTRATION } from './cli/administration-commands.ts';
import { exportAudit, verifyAudit } from './cli/audit.ts';
import type { Command } from './cli/command.ts';
import { rotateKeys } from './cli/keys.ts';
import { installPackages, showPackages } from './cli/package.ts';
import { provision } from './cli/provision.ts';
import { issueRegistrationToken } from './cli/registration.ts';
import { listSubscriptions, replay } from './cli/subscription.ts';
import { listTerminology, loadTerminology, removeTerminology } from './cli/terminology.ts';
import { loadConfig } from './platform/config.ts';

const COMMANDS: readonly Command[] = [
  ...ADMINISTRATION,
  {
    words: ['provision'],
    usage: 'provision <file>   users and clients from a JSON document (see docs/operations.md)',
    run: (config, [file, ...more]) =>
      file === undefined || more.length > 0 ? undefined : provision(config(), file),
  },
  {
    words: ['registration', 'token'],
    usage:
      "registration token '<scopes>' [--days <days>] [--uses <uses>]   lets the maker of an app register it (see docs/smart.md)",
    run(config, args) {
      const [scope, ...flags] = args;
      const { days, uses, ...others } = Object.fromEntries(
        flags.flatMap((flag, i) => (i % 2 === 0 ? [[flag.replace(/^--/, ''), flags[i + 1]]] : [])),
      ) as Record<string, string | undefined>;
      const isGood = scope !== undefined && flags.length % 2 === 0 && Object.keys(others).length === 0;
      return isGood ? issueRegistrationToken(config(), scope, { days, uses }) : undefined;
    },
  },
  {
    words: ['audit', 'verify'],
    usage: 'audit verify   whether all AuditEvents are as they were sealed (see docs/audit.md)',
    run: (config, args) => (args.length > 0 ? undefined : verifyAudit(config())),
  },
  {
    words: ['audit', 'export'],
    usage:
      'audit export [<from> [<until>]]   AuditEvents as NDJSON on the standard output, by date of storing',
    run: (config, [from, until, ...more]) =>
      more.length > 0 ? undefined : exportAudit(config(), from, until),
  },
  {
    words: ['keys', 'rotate'],
    usage: 'keys rotate [--now]   another key signs id tokens, soon or at once (see docs/operations.md)',
    run: (config, [flag, ...more]) =>
      more.length > 0 || (flag !== undefined && flag !== '--now')
        ? undefined
        : rotateKeys(config(), flag === '--now'),
  },
  {
    words: ['package', 'install'],
    usage:
      'package install [--examples] <name@version | https URL | file.tgz>…   FHIR packages (see docs/packages.md)',
    run(config, args) {
      const specs = args.filter((arg) => arg !== '--examples');
      if (specs.length === 0 || specs.some((spec) => spec.startsWith('-'))) return undefined;
      return installPackages(config(), specs, specs.length < args.length);
    },
  },
  {
    words: ['package', 'list'],
    usage: 'package list   the packages that are installed',
    run: (config, args) => (args.length > 0 ? undefined : showPackages(config())),
  },
  {
    words: ['subscription', 'list'],
    usage: 'subscription list   notifications that wait or were given up, and for how long',
    run: (config, args) => (args.length > 0 ? undefined : listSubscriptions(config())),
  },
  {
    words: ['subscription', 'replay'],
    usage:
      'subscription replay <id> [--since <instant>]   sends again what was given up, or everything since then (see docs/operations.md)',
    run(config, [id, flag, since, ...more]) {
      const isGood = flag === undefined || (flag === '--since' && since !== undefined);
      return id !== undefined && isGood && more.length === 0 ? replay(config, id, since) : undefined;
    },
  },
  {
    words: ['terminology', 'load'],
    usage:
      'terminology load <icd10cm | rxnorm | loinc | snomed> <folder | file.zip | file> [--version <version>]   a code system in tables (see docs/terminology.md)',
    run(config, [name, path, flag, version, ...more]) {
      const isGood = flag === undefined || (flag === '--version' && version !== undefined);
      return isGood && more.length === 0 ? loadTerminology(config, name, path, version) : undefined;
    },
  },
  {
    words: ['terminology', 'list'],
    usage: 'terminology list   the code systems in tables',
    run: (config, args) => (args.length > 0 ? undefined : listTerminology(config())),
  },
  {
    words: ['terminology', 'remove'],
    usage: 'terminology remove <url|version>   a code system in tables, with its resource',
    run: (config, [canonical, ...more]) =>
      canonical === undefined || more.length > 0 ? undefined : removeTerminology(config(), canonical),
  },
];

async function main(args: readonly string[]): Promise<void> {
  const command = COMMANDS.find(({ words }) => words.every((word, i) => args[i] === word));
  const running = command?.run(() => loadConfig(process.env), args.slice(command.words.length));
  if (running !== undefined) return running;
  console.error(['Usage:', ...COMMANDS.map(({ usage }) => `  cli.ts ${usage}`)].join('\n'));
  process.exitCode = 2;
}

await main(process.argv.slice(2));
