/** Node keeps a module as it first was; who watches wants it as it is now, and who measures coverage wants it through Jest. */
const loadsOnce = !process.argv.some((argument) => /^--(watch|coverage)/.test(argument));

/** Jest in ESM mode for all workspaces; TypeScript is stripped by swc, types are checked by `npm run types`. */
export default {
  roots: ['fhir-server', 'ai-bots', 'smart-apps', 'scripts'].map((folder) => `<rootDir>/${folder}`),
  testMatch: ['**/test/**/*.test.{ts,tsx}'],
  testEnvironment: '<rootDir>/scripts/test-environment.js',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    // Programs of the command line run as the test file's own: it hears what they print.
    ...(loadsOnce && {
      '/fhir-server/src/(?!cli\\b).+\\.ts$': '<rootDir>/scripts/test-load-once.js',
    }),
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
          target: 'es2024',
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/.data/'],
  globalSetup: './fhir-server/test/support/global-setup.ts',
  globalTeardown: './fhir-server/test/support/global-teardown.ts',
  testSequencer: '<rootDir>/scripts/test-order.js',
  maxWorkers: 2,
  // A worker that has grown past this is replaced: ESM module registries of finished files are not always freed.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 60_000,
};
