/** The command line of those who run the server: a table of commands. */
import { ADMINISTRATION } from './cli/administration-commands.ts';
import type { Command } from './cli/command.ts';
import { loadConfig } from './platform/config.ts';

/** What a command works with takes a second to load: each loads its own. */
const audit = () => import('./cli/audit.ts');
const binaries = () => import('./cli/binary.ts');
const packages = () => import('./cli/package.ts');
const subscriptions = () => import('./cli/subscription.ts');
const terminology = () => import('./cli/terminology.ts');

/** Of which terminology releases there are loaders. */
const RELEASES = ['icd10cm', 'rxnorm', 'loinc', 'snomed'];

const COMMANDS: readonly Command[] = [
  ...ADMINISTRATION,
  {
    words: ['config', 'check'],
    usage: 'config check   whether a server would start with the settings of this environment',
    run: (_config, args) =>
      args.length > 0
        ? undefined
        : import('./cli/config.ts').then(({ checkConfig }) => checkConfig(process.env)),
  },
  {
    words: ['provision'],
    usage: 'provision <file>   users and clients from a JSON document (see docs/operations.md)',
    run: (config, [file, ...more]) =>
      file === undefined || more.length > 0
        ? undefined
        : import('./cli/provision.ts').then(({ provision }) => provision(config(), file)),
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
      return isGood
        ? import('./cli/registration.ts').then(({ issueRegistrationToken }) =>
            issueRegistrationToken(config(), scope, { days, uses }),
          )
        : undefined;
    },
  },
  {
    words: ['audit', 'verify'],
    usage: 'audit verify   whether all AuditEvents are as they were sealed (see docs/audit.md)',
    run: (config, args) =>
      args.length > 0 ? undefined : audit().then(({ verifyAudit }) => verifyAudit(config())),
  },
  {
    words: ['audit', 'export'],
    usage:
      'audit export [<from> [<until>]]   AuditEvents as NDJSON on the standard output, by date of storing',
    run: (config, [from, until, ...more]) =>
      more.length > 0 ? undefined : audit().then(({ exportAudit }) => exportAudit(config(), from, until)),
  },
  {
    words: ['keys', 'rotate'],
    usage: 'keys rotate [--now]   another key signs id tokens, soon or at once (see docs/operations.md)',
    run: (config, [flag, ...more]) =>
      more.length > 0 || (flag !== undefined && flag !== '--now')
        ? undefined
        : import('./cli/keys.ts').then(({ rotateKeys }) => rotateKeys(config(), flag === '--now')),
  },
  {
    words: ['binary', 'move-to-s3'],
    usage: 'binary move-to-s3   content of Binaries from the folder into the bucket (see docs/operations.md)',
    run: (config, args) =>
      args.length > 0 ? undefined : binaries().then(({ moveToBucket }) => moveToBucket(config())),
  },
  {
    words: ['binary', 'strays'],
    usage:
      'binary strays [--remove]   stored content that the database does not know (see docs/operations.md)',
    run: (config, [flag, ...more]) =>
      more.length > 0 || (flag !== undefined && flag !== '--remove')
        ? undefined
        : binaries().then(({ showStrays }) => showStrays(config(), flag === '--remove')),
  },
  {
    words: ['package', 'install'],
    usage:
      'package install [--examples] <name@version | https URL | file.tgz>…   FHIR packages (see docs/packages.md)',
    run(config, args) {
      const specs = args.filter((arg) => arg !== '--examples');
      if (specs.length === 0 || specs.some((spec) => spec.startsWith('-'))) return undefined;
      return packages().then(({ installPackages }) =>
        installPackages(config(), specs, specs.length < args.length),
      );
    },
  },
  {
    words: ['package', 'list'],
    usage: 'package list   the packages that are installed',
    run: (config, args) =>
      args.length > 0 ? undefined : packages().then(({ showPackages }) => showPackages(config())),
  },
  {
    words: ['subscription', 'list'],
    usage: 'subscription list   notifications that wait or were given up, and for how long',
    run: (config, args) =>
      args.length > 0
        ? undefined
        : subscriptions().then(({ listSubscriptions }) => listSubscriptions(config())),
  },
  {
    words: ['subscription', 'replay'],
    usage:
      'subscription replay <id> [--since <instant>]   sends again what was given up, or everything since then (see docs/operations.md)',
    run(config, [id, flag, since, ...more]) {
      const isGood = flag === undefined || (flag === '--since' && since !== undefined);
      return id !== undefined && isGood && more.length === 0
        ? subscriptions().then(({ replay }) => replay(config, id, since))
        : undefined;
    },
  },
  {
    words: ['terminology', 'load'],
    usage: `terminology load <${RELEASES.join(' | ')}> <folder | file.zip | file> [--version <version>]   a code system in tables (see docs/terminology.md)`,
    run(config, [name, path, flag, version, ...more]) {
      if (name === undefined || path === undefined || !RELEASES.includes(name)) return undefined;
      const isGood = flag === undefined || (flag === '--version' && version !== undefined);
      return isGood && more.length === 0
        ? terminology().then(({ loadTerminology }) => loadTerminology(config, name, path, version))
        : undefined;
    },
  },
  {
    words: ['terminology', 'list'],
    usage: 'terminology list   the code systems in tables',
    run: (config, args) =>
      args.length > 0 ? undefined : terminology().then(({ listTerminology }) => listTerminology(config())),
  },
  {
    words: ['terminology', 'remove'],
    usage: 'terminology remove <url|version>   a code system in tables, with its resource',
    run: (config, [canonical, ...more]) =>
      canonical === undefined || more.length > 0
        ? undefined
        : terminology().then(({ removeTerminology }) => removeTerminology(config(), canonical)),
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
