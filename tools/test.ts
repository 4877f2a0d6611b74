import { messageOf } from '../src/runtime/errors.ts';
import { runToEnd } from './runToEnd.ts';
import { installMissing } from './services/install.ts';

/** `npm test`: what the tests need of the machine, a build, and all tests. Arguments go to vitest. */
async function main(): Promise<number> {
  await installMissing([
    'redis',
    'rabbitmq',
    'postgres',
    'celery',
    'chromium',
    'promtool',
    'tmux',
    'zsh',
    'fish',
  ]);
  const built = await runToEnd('npm', ['run', '--silent', 'build']);
  if (built !== 0) return built;
  return runToEnd(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]);
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(messageOf(error));
  return 1;
});
