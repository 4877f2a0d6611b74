import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Config, loadEnvironment, readConfig } from '../src/config/config.ts';
import { messageOf } from '../src/runtime/errors.ts';
import { findRabbitmq, findRedis } from './quickstart/find.ts';
import { type Closing, closeAll } from './quickstart/run.ts';
import { showStatus, showSubmission, showUrls } from './quickstart/show.ts';
import { startTasker, startWorker, type Tasker } from './quickstart/start.ts';
import { makeLoginCode, stopSample, submitSample, watchScan } from './quickstart/submit.ts';
import { runToEnd } from './runToEnd.ts';

/** `npm run quickstart`: a whole Tasker with everything around it, until Ctrl-C; `-- --exit` ends after one scan. */
async function quickstart(run: Closing): Promise<void> {
  const config = wantedConfig();
  const redis = await findRedis(config.redis, run);
  console.log(`Redis    ${redis.found}`);
  const rabbitmq = await findRabbitmq(config.rabbitmq, run);
  console.log(`RabbitMQ ${rabbitmq.found}`);
  if ((await runToEnd('npm', ['run', '--silent', 'build'])) !== 0) throw new Error('Tasker does not build');
  const tasker = await startTasker({ redis, rabbitmq }, config.port, run);
  const worker = startWorker({ redis, rabbitmq }, run);

  const project = randomUUID();
  run.closers.push(() => stopSample(tasker, project));
  showSubmission(await submitSample(tasker, project));
  await watchScan(tasker, project, showStatus);
  showUrls(tasker, project, await makeLoginCode(tasker));
  if (process.argv.includes('--exit')) return;
  console.log('Ctrl-C ends everything.');
  await Promise.race([unexpectedEnd('Tasker', tasker.process), unexpectedEnd('The worker', worker)]);
}

/** Only where to find Redis and RabbitMQ, and the port, count here: users and ledger are the quickstart's own. */
function wantedConfig(): Config {
  const result = readConfig({ ...loadEnvironment(process.cwd()), AUTH_PROVIDER: 'static', LEDGER: 'none' });
  if (!result.ok) throw new Error(result.faults.join('\n'));
  const { redis, rabbitmq } = result.config;
  if (redis.tls || redis.sentinel || redis.user || rabbitmq.tls || rabbitmq.others)
    throw new Error(
      'The quickstart speaks to one Redis and one RabbitMQ, without TLS and without a user of Redis: take these settings away, and it starts its own.',
    );
  return result.config;
}

async function unexpectedEnd(name: string, child: Tasker['process']): Promise<never> {
  await child.exited;
  throw new Error(`${name} has ended by itself`);
}

/** Resolves at the first signal. Later ones change nothing: everything is being closed already. */
function untilInterrupted(): Promise<void> {
  return new Promise((done) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => done());
  });
}

async function main(): Promise<number> {
  mkdirSync('.data', { recursive: true });
  const run: Closing = { directory: mkdtempSync(resolve('.data/quickstart-')), closers: [] };
  const interrupted = untilInterrupted();
  const work = quickstart(run).then(
    () => 0,
    (error: unknown) => {
      console.error(messageOf(error));
      return 1;
    },
  );
  // Ctrl-C is how it is meant to end, but not before the one scan that was asked for.
  const early = interrupted.then(() => (process.argv.includes('--exit') ? 130 : 0));
  const code = await Promise.race([work, early]);
  await closeAll(run);
  const logs = readdirSync(run.directory).length > 0;
  if (code === 1 && logs) console.error(`The logs are in ${run.directory}`);
  else rmSync(run.directory, { recursive: true, force: true });
  return code;
}

process.exit(await main());
