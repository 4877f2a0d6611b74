/**
 * `npm run chaos -- --kills 100 --seed 7 [--victims api,jobs,redis,rabbitmq,workers]`: users scan, pause, cancel, stop
 * and exclude while processes are killed and come back. Exit code 1 when anything was lost, ran that had been taken
 * back, was left behind, or ran twice too often.
 */
import { parseArgs } from 'node:util';
import { messageOf } from '../src/runtime/errors.ts';
import { VICTIMS, type VictimKind } from './chaos/book.ts';
import { holds } from './chaos/judge.ts';
import type { Killing } from './chaos/kills.ts';
import { run } from './chaos/run.ts';
import { openScene } from './chaos/scene.ts';
import { tableOf } from './chaos/table.ts';
import { runToEnd } from './runToEnd.ts';
import { installMissing } from './services/install.ts';

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

function killingOf(): Killing {
  const { values } = parseArgs({
    options: { kills: { type: 'string' }, seed: { type: 'string' }, victims: { type: 'string' } },
  });
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
