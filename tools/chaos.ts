/** `npm run chaos -- --help`: users scan and take back while processes are killed and come back. */
import { parseArgs } from 'node:util';
import { messageOf } from '../src/runtime/errors.ts';
import { VICTIMS, type VictimKind } from './chaos/book.ts';
import { GRACE_MS, holds } from './chaos/judge.ts';
import type { Killing } from './chaos/kills.ts';
import { run } from './chaos/run.ts';
import { openScene } from './chaos/scene.ts';
import { tableOf } from './chaos/table.ts';
import { runToEnd } from './runToEnd.ts';
import { installMissing } from './services/install.ts';

const HELP = `npm run chaos -- [--kills 12] [--seed 7] [--victims ${VICTIMS.join()}]

Users scan, pause, cancel, stop and exclude while processes are killed (SIGKILL) and come back.
Exit code 1 when:
- an accepted target never ran that nobody asked to leave out
- a task began more than ${GRACE_MS / 1_000} s after the answer to a stop, a cancel or an exclusion that is about it. The
  clock on the wall counts, whatever is away meanwhile. After an answer of 202 (it follows when RabbitMQ
  is back) only the time counts in which RabbitMQ is there.
- a lock, key, reservation, running entry or task was left, or a submission is stuck
- more tasks ran twice than the window let in, for each kill
CONTRIBUTING.md tells more.`;

/** Whatever hangs, a run ends: each kill has so long, and the rest of it too. */
const MOST_MS_A_KILL = 10_000;
const MOST_MS_BESIDE = 600_000;
/** More processes than Node expects to hang on its exit. */
const LISTENERS = 50;

async function chaos(killing: Killing): Promise<number> {
  process.setMaxListeners(LISTENERS);
  const late = setTimeout(
    () => {
      console.error('the run does not come to its end');
      process.exit(1);
    },
    killing.kills * MOST_MS_A_KILL + MOST_MS_BESIDE,
  );
  late.unref();
  const scene = await openScene();
  let keep = true;
  try {
    const findings = await run(scene, killing);
    console.log(tableOf(findings));
    keep = !findings.every(holds);
    if (keep) console.log(`logs, records and what was asked for: ${scene.directory}`);
    return keep ? 1 : 0;
  } finally {
    await scene.close(keep);
  }
}

/** undefined: only help is wanted. */
function killingOf(): Killing | undefined {
  const { values } = parseArgs({
    options: {
      ...{ kills: { type: 'string' }, seed: { type: 'string' }, victims: { type: 'string' } },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const kills = Number(values.kills ?? 12);
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  if (!Number.isInteger(kills) || kills < 0) throw new Error('--kills takes a number of kills');
  if (!Number.isInteger(seed)) throw new Error('--seed takes a whole number');
  const kinds = values.victims?.split(',') ?? VICTIMS;
  const isKind = (name: string): name is VictimKind => VICTIMS.some((kind) => kind === name);
  if (!kinds.every(isKind)) throw new Error(`--victims takes some of ${VICTIMS.join()}`);
  return { kills, seed, kinds };
}

/** A signal that nobody handles ends us without the `exit` event, which ends our processes. */
function endAtSignals(): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => process.exit(1));
}

async function main(): Promise<number> {
  endAtSignals();
  const killing = killingOf();
  if (killing === undefined) {
    console.log(HELP);
    return 0;
  }
  await installMissing(['redis', 'rabbitmq']);
  const built = await runToEnd('npm', ['run', '--silent', 'build']);
  if (built !== 0) return built;
  console.log(`${killing.kills} kills of ${killing.kinds.join(', ')}, seed ${killing.seed}`);
  return chaos(killing);
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(messageOf(error));
    return 1;
  }),
);
