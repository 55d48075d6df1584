/** Jest in ESM mode for all workspaces; TypeScript is stripped by swc, types are checked by `npm run types`. */
export default {
  roots: ['fhir-server', 'ai-bots', 'smart-apps', 'scripts'].map((folder) => `<rootDir>/${folder}`),
  testMatch: ['**/test/**/*.test.{ts,tsx}'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
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
