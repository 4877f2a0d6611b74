import type { OpenTracing } from './adapters/tracing/openTracing.ts';
import { createApp } from './app/app.ts';
import { PART_OF_ALL } from './app/jobsProcess.ts';
import { loadEnvironment, readConfig } from './config/config.ts';
import { messageOf } from './runtime/errors.ts';
import { createLog } from './runtime/log.ts';
import { logStrayLines } from './runtime/strayLines.ts';

/** Everything ends within this time of a signal, whatever hangs. */
const STOP_TIMEOUT_MS = 9_500;

async function main(): Promise<void> {
  const env = loadEnvironment(process.cwd());
  const result = readConfig(env);
  if (!result.ok) {
    for (const fault of result.faults) process.stderr.write(`${fault}\n`);
    process.exitCode = 1;
    return;
  }
  const { config } = result;
  const { role, tracesTo } = config;
  let tracing: OpenTracing | undefined;
  const fields = tracesTo === undefined ? undefined : () => tracing?.logFields() ?? {};
  const log = createLog({ level: config.logLevel, role, fields });
  // Before anything that waits: what libraries said while they were loaded is told then.
  logStrayLines(log);
  if (tracesTo !== undefined) {
    // Loaded only here: without it nobody pays for it.
    const { openTracing } = await import('./adapters/tracing/openTracing.ts');
    tracing = openTracing(tracesTo, { role, log });
  }
  const entry = new URL(import.meta.url);
  const partOfAll = process.argv.includes(PART_OF_ALL);
  const app = createApp(config, log, { entry, env: { ...process.env, ...env }, partOfAll, tracing });

  let stopping = false;
  const stop = async (why: string, exitCode: number) => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    await app.stop();
    log.info('stopped');
    process.exit(exitCode);
  };
  process.on('SIGTERM', () => void stop('SIGTERM', 0));
  process.on('SIGINT', () => void stop('SIGINT', 0));
  // The jobs process of role `all` ends with the process that started it.
  process.on('disconnect', () => void stop('the parent process is gone', 0));
  // It may have died before we listened; a process without such a parent has no value here.
  if (process.connected === false) return stop('the parent process is gone', 0);

  try {
    const url = await app.start();
    log.info({ url, environment: config.environment }, 'started');
  } catch (error) {
    log.fatal({ err: messageOf(error) }, 'could not start');
    await stop('a failed start', 1);
  }
}

await main();
