import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { SERVICES_VARIABLE } from './test/support/services.ts';

const testTimeout = 60_000;
const withServices: TestProjectInlineConfiguration['test'] = {
  globalSetup: ['test/support/globalSetup.ts'],
  pool: 'forks',
  testTimeout,
  hookTimeout: 120_000,
};

/** The folder of a test says what it needs: nothing, real servers, or a build and real servers. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    coverage: {
      include: ['src/**/*.ts'],
      reporter: ['text-summary'],
      thresholds: {
        'src/targets/**': { branches: 90 },
        'src/jobs/**': { branches: 90 },
        'src/flows/**': { branches: 90 },
        'src/queries/**': { branches: 90 },
      },
    },
    projects: [
      // One module graph for all of them: they keep no state, and most of their time would go into imports.
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
          env: { [SERVICES_VARIABLE]: '' },
          testTimeout,
        },
      },
      { test: { name: 'integration', include: ['test/integration/**/*.test.ts'], ...withServices } },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], ...withServices } },
    ],
  },
});
