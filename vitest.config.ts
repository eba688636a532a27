import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongFilesFirst } from './tests/support/sequencer.ts';
import { findUnitTests } from './tests/support/unit-tests.ts';

/** How long a test waits for what must come; the default of a second is short on a busy machine. */
const PATIENCE_MS = 10_000;

const unitTests = await findUnitTests(import.meta.dirname);

export default defineConfig({
  test: {
    // Many tests wait for a process or a pause: more of them at a time than there are cores.
    maxWorkers: Math.max(5, Math.ceil(availableParallelism() * 1.5)),
    reporters: process.env.CI ? ['default', ['json', { outputFile: '.vitest/results.json' }]] : ['default'],
    coverage: {
      provider: 'v8',
      include: [
        'libs/common/src/**/*.ts',
        'services/*/src/**/*.ts',
        'tools/**/*.ts',
        'clients/typescript/quartet-client/**/*.ts',
      ],
      // Entries of processes: the system tests run them as what they are, where this coverage does not reach.
      exclude: [
        '**/*.test.ts',
        '**/main.ts',
        'tools/start.ts',
        'tools/generate.ts',
        'tools/fuzz.ts',
        'tools/broker-users.ts',
        'tools/database-users.ts',
        'tools/deploy-files.ts',
        'tools/database-copy.ts',
        'tools/check-deploy.ts',
        'tools/new-service.ts',
        'tools/new-service/publish-contracts.ts',
        'tools/images-pin.ts',
        'tools/dashboard-build.ts',
        'tools/pictures.ts',
        'tools/pictures/{sample-data,take-pictures}.ts',
        'tools/stack/guardian.ts',
        '**/*.d.ts',
      ],
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: { lines: 90 },
    },
    sequence: { sequencer: LongFilesFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: unitTests,
          setupFiles: ['tests/support/no-outside.ts'],
          // Files of pure functions have nothing to keep apart, and loading the same modules again would take most of the time.
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'parts',
          include: [
            '{libs,services,clients,tools,bench}/**/*.test.ts',
            'tests/{document,crash,rolling,hostile,deploy,support}/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', ...unitTests],
          globalSetup: ['tests/support/database-engine.ts'],
          testTimeout: 30_000,
          expect: { poll: { timeout: PATIENCE_MS } },
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['tests/system/**/*.test.ts'],
          globalSetup: ['tests/support/built-dashboard.ts'],
          testTimeout: 120_000,
          expect: { poll: { timeout: PATIENCE_MS } },
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
