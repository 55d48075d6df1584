/** Which module may import which. Each row: a module of fhir-server/src and the modules it may use, by their face. */
const mayImport = {
  platform: [],
  admin: [
    'access',
    'audit',
    'auth',
    'bulk',
    'db',
    'egress',
    'fhir',
    'package',
    'platform',
    'reindex',
    'search',
    'terminology',
  ],
  bucket: ['platform'],
  egress: ['platform'],
  fhir: [],
  validate: ['fhir'],
  search: ['fhir'],
  access: ['fhir', 'search'],
  db: ['platform'],
  terminology: ['db', 'fhir', 'platform'],
  storage: ['access', 'bucket', 'db', 'fhir', 'platform', 'search'],
  audit: ['db', 'fhir', 'platform', 'search', 'storage'],
  interaction: ['access', 'audit', 'db', 'fhir', 'platform', 'search', 'storage', 'terminology', 'validate'],
  bulk: ['access', 'audit', 'bucket', 'db', 'fhir', 'interaction', 'platform', 'search', 'storage'],
  operation: [
    'access',
    'audit',
    'bulk',
    'db',
    'fhir',
    'interaction',
    'platform',
    'reindex',
    'scheduling',
    'search',
    'storage',
    'subscription',
    'terminology',
    'validate',
  ],
  'app-state': ['access', 'fhir', 'interaction', 'platform', 'search', 'storage'],
  scheduling: ['access', 'db', 'fhir', 'interaction', 'platform', 'search', 'storage'],
  subscription: ['access', 'audit', 'db', 'egress', 'fhir', 'interaction', 'platform', 'search', 'storage'],
  package: [
    'access',
    'db',
    'egress',
    'fhir',
    'interaction',
    'platform',
    'search',
    'storage',
    'subscription',
    'validate',
  ],
  profile: ['db', 'fhir', 'interaction', 'platform', 'terminology', 'validate'],
  cli: [
    'access',
    'admin',
    'audit',
    'auth',
    'bucket',
    'db',
    'egress',
    'fhir',
    'interaction',
    'package',
    'platform',
    'profile',
    'reindex',
    'scheduling',
    'storage',
    'subscription',
    'terminology',
  ],
  reindex: ['access', 'db', 'fhir', 'interaction', 'platform', 'search', 'storage'],
  auth: ['access', 'audit', 'db', 'egress', 'fhir', 'platform', 'search', 'storage'],
  http: [
    'access',
    'app-state',
    'audit',
    'auth',
    'bucket',
    'bulk',
    'db',
    'fhir',
    'interaction',
    'operation',
    'platform',
    'search',
    'storage',
    'terminology',
    'validate',
  ],
};

/** Modules that do no input or output and are tested without PostgreSQL. */
const pure = ['fhir', 'validate', 'search', 'access'];

/** Files that other modules use besides each index.ts: the contracts, and the parts of fhir. */
const contracts = [
  'fhir/outcome',
  'fhir/[^/]+/index',
  'search/(date-range|expression|index-row|search-request)',
  'storage/search-sql/index',
  'access/principal',
  'platform/[^/]+',
];

const modules = Object.keys(mayImport);
const source = '^fhir-server/src';

const moduleRules = modules.map((name) => {
  const others = modules.filter((other) => other !== name && !mayImport[name].includes(other));
  return {
    name: `${name}-imports`,
    comment: `${name} may import: ${mayImport[name].join(', ') || 'no other module'}`,
    severity: 'error',
    from: { path: `${source}/${name}/` },
    to: { path: `${source}/((${others.join('|')})/|[^/]+\\.ts$)` },
  };
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...moduleRules,
    {
      name: 'face-only',
      comment: 'another module is used through its index.ts only',
      severity: 'error',
      from: { path: `${source}/([^/]+)/` },
      to: {
        path: `${source}/[^/]+/`,
        pathNot: [`${source}/$1/`, `${source}/[^/]+/index\\.ts$`, `${source}/(${contracts.join('|')})\\.ts$`],
      },
    },
    {
      name: 'known-module',
      comment: 'a new module needs a row in the table above',
      severity: 'error',
      from: {},
      to: { path: `${source}/[^/]+/`, pathNot: `${source}/(${modules.join('|')})/` },
    },
    {
      name: 'pure-modules',
      comment: 'pure modules do no I/O; only the loader of the definitions reads files',
      severity: 'error',
      from: { path: `${source}/(${pure.join('|')})/`, pathNot: `${source}/fhir/definitions/` },
      to: {
        path: '^(node:)?(fs|fs/promises|net|http|https|tls|dgram|child_process|worker_threads|dns)$|node_modules/(pg|express|undici|pino)/',
      },
    },
    {
      name: 'definitions-loader',
      severity: 'error',
      from: { path: `${source}/fhir/definitions/` },
      to: { path: '^(node:)?(net|http|https|tls|child_process)$|node_modules/(pg|express|undici)/' },
    },
    {
      name: 'only-db-knows-the-driver',
      severity: 'error',
      from: { path: source, pathNot: `${source}/db/` },
      to: { path: 'node_modules/(@types/)?pg/' },
    },
    {
      name: 'express-at-the-edge',
      severity: 'error',
      from: { path: source, pathNot: `${source}/((http|auth|admin)/|[^/]+\\.ts$)` },
      to: { path: 'node_modules/(@types/)?express/' },
    },
    {
      name: 'workspaces-meet-over-http',
      comment: 'workspaces do not import each other; tests and scripts may start any of them',
      severity: 'error',
      from: {
        path: '^(fhir-server|ai-bots|smart-apps/[^/]+)/(src|app|runtime|orchestrator|provider|clinical|bot|sdk)/',
      },
      to: { path: '^(fhir-server|ai-bots|smart-apps/[^/]+|scripts)/', pathNot: ['^$1/', '^smart-apps/ui/'] },
    },
    {
      name: 'ui-is-for-apps',
      comment: 'the shared components run in the browser, and only apps use them',
      severity: 'error',
      from: { path: '^(fhir-server|ai-bots|scripts)/', pathNot: '/test/' },
      to: { path: '^smart-apps/ui/' },
    },
    {
      name: 'ui-words-and-session-without-react',
      comment: 'what is tested without a browser needs no component',
      severity: 'error',
      from: { path: '^smart-apps/ui/src/(format|session)/' },
      to: { path: 'node_modules/(react|react-dom|react-redux|react-i18next|@mui)/' },
    },
    {
      name: 'source-without-tests',
      severity: 'error',
      from: { pathNot: '/test/' },
      to: { path: '/test/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: ['^@medplum/fhirtypes$', '\\.(css|svg)$'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated|node_modules/\\.)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
