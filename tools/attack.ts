/**
 * `npm run attack [-- --only 2,3]`: attacks a Tasker as a member of one project, while a member of another one does
 * ordinary things beside it. Exit code 1 when anything gives way, or when the bystander notices.
 */
import { parseArgs } from 'node:util';
import { messageOf } from '../src/runtime/errors.ts';
import { type Bystander, type Day, startBystander } from './attack/bystanderProcess.ts';
import { watchMemory } from './attack/memory.ts';
import { type Outcome, pause, type Row } from './attack/row.ts';
import { ROWS } from './attack/rows.ts';
import { openScene, type Scene } from './attack/scene.ts';
import { headLine, holds, type Idle, linesOf, onlyLate, type Result } from './attack/table.ts';
import { percentile } from './bench/figures.ts';
import { runToEnd } from './runToEnd.ts';
import { installMissing } from './services/install.ts';

const WARM_UP_MS = 3_000;
const IDLE_MS = 6_000;
/** A busy machine needs longer for them. */
const ENOUGH_CALLS = 60;
const MOST_WINDOWS = 5;
/** Of a row where nothing is wrong but times: the machine has other things to do. */
const MOST_TRIES = 3;
/** Since the start: all of it has to end within four minutes. */
const RETRIES_END_MS = 200_000;
const REST_MS = 700;
/** So that the bystander has its rounds. */
const LEAST_MS = 2_500;
const MOST_SECONDS = 25;

async function attack(wanted: readonly Row[]): Promise<number> {
  // The targets of webhooks are on this machine.
  const scene = await openScene({ WEBHOOK_ALLOW_PRIVATE: 'true' });
  const bystander = startBystander(scene.tasker.url, scene.users.tokens.alice, scene.projects.bystander);
  try {
    await pause(WARM_UP_MS);
    await bystander.take();
    const { idle, calls } = await alone(bystander);
    console.log(headLine(idle, calls));
    let given = 0;
    let last: Result | undefined;
    for (const row of wanted) {
      await clear(scene, last);
      last = await tryRow(row, scene, bystander);
      for (let again = 1; again < MOST_TRIES && worthAnother(last, idle); again++) {
        await clear(scene, last);
        last = await tryRow(row, scene, bystander);
      }
      if (!holds(last, idle)) given += 1;
      console.log(linesOf(last, idle));
    }
    console.log(
      given === 0 ? `all ${wanted.length} rows hold` : `${given} of ${wanted.length} rows give way`,
    );
    return given === 0 ? 0 : 1;
  } finally {
    await bystander.stop();
    await scene.close();
  }
}

function worthAnother(last: Result, idle: Idle): boolean {
  return onlyLate(last, idle) && performance.now() < RETRIES_END_MS;
}

/** Without an attack, for as long as it takes to say something. */
async function alone(bystander: Bystander): Promise<{ idle: Idle; calls: number }> {
  const all: Day = { timesMs: [], refused: [], longestHealthMs: 0 };
  for (let window = 0; window < MOST_WINDOWS && all.timesMs.length < ENOUGH_CALLS; window++) {
    await pause(IDLE_MS);
    const { timesMs, refused, longestHealthMs } = await bystander.take();
    if (refused[0] !== undefined)
      throw new Error(`the bystander is refused without an attack: ${refused[0]}`);
    all.timesMs.push(...timesMs);
    all.longestHealthMs = Math.max(all.longestHealthMs, longestHealthMs);
  }
  return {
    idle: { p95Ms: percentile(all.timesMs, 95), healthMs: all.longestHealthMs },
    calls: all.timesMs.length,
  };
}

async function tryRow(row: Row, scene: Scene, bystander: Bystander): Promise<Result> {
  await bystander.take();
  let memory = watchMemory(scene.tasker, scene.redis);
  const begin = async () => {
    await pause(REST_MS);
    const { restarted } = await memory.end();
    if (restarted) throw new Error('a process ended before the attack began');
    await bystander.take();
    memory = watchMemory(scene.tasker, scene.redis);
  };
  const [outcome] = await Promise.all([bounded(row, scene, begin), pause(LEAST_MS)]);
  const [day, held] = [await bystander.take(), await memory.end()];
  return { row, outcome, day, held };
}

/** What the row before left behind is not this one's, least of all what ended a process and would again. */
async function clear(scene: Scene, last: Result | undefined): Promise<void> {
  if (last?.held.restarted || !scene.tasker.running()) {
    await scene.tasker.kill();
    await scene.redis.flushdb();
    await scene.tasker.restart();
  }
  delete scene.ledger.fault;
  scene.ledger.requests.length = 0;
  const { admin } = scene;
  await admin.inProject('stop-nmap').catch(() => undefined);
  await admin.inProject('exclusions', { method: 'PUT', body: { hosts: [] } }).catch(() => undefined);
  await pause(REST_MS);
}

async function bounded(row: Row, scene: Scene, begin: () => Promise<void>): Promise<Outcome> {
  const seconds = row.mostSeconds ?? MOST_SECONDS;
  const late = pause(seconds * 1000).then(() => ({ holds: false, figure: `NOT done within ${seconds} s` }));
  const work = row
    .attack(scene, begin)
    .catch((error: unknown) => ({ holds: false, figure: `NOT done: ${messageOf(error)}` }));
  return Promise.race([work, late]);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const only = values.only?.split(',').map(Number);
  const wanted = ROWS.filter(({ number }) => only === undefined || only.includes(number));
  if (wanted.length === 0) throw new Error(`--only takes numbers from ${ROWS.map(({ number }) => number)}`);
  await installMissing(['redis', 'rabbitmq', 'postgres']);
  const built = await runToEnd('npm', ['run', '--silent', 'build']);
  return built !== 0 ? built : attack(wanted);
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(messageOf(error));
    return 1;
  }),
);
