/**
 * `npm run fuzz [-- --runs 1000000 --seed 7]`: random and changed requests to every route. No answer may be a 500, none
 * may take longer than a second by itself, nothing may grow. Exit code 1 otherwise, with the smallest request that shows it.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { messageOf } from '../src/runtime/errors.ts';
import { openScene, type Scene } from './attack/scene.ts';
import { type Footprint, footprint, growth } from './fuzz/growth.ts';
import { type Gun, type Hit, openGun } from './fuzz/gun.ts';
import { type Identity, reproduction, type Shot, shots } from './fuzz/shots.ts';
import { Tally } from './fuzz/tally.ts';
import { runToEnd } from './runToEnd.ts';
import { installMissing } from './services/install.ts';

const A_NIGHT = 1_000_000;
const VOLLEY = 500;
/** The processes have what they need after so many; what comes later is growth. */
const WARM_UP = 6_000;
const TELL_EVERY = 50_000;
const LATE_MS = 1_000;

async function fuzz(runs: number, seed: number): Promise<number> {
  // Webhooks lead to this machine: see shots.ts.
  const scene = await openScene({ WEBHOOK_ALLOW_PRIVATE: 'true' });
  const gun = openGun(scene.tasker.url);
  const { users, projects } = scene;
  const identity = {
    member: users.tokens.bob,
    admin: users.tokens.admin,
    project: projects.attacker,
    otherProject: projects.owner,
  };
  try {
    await fire({ gun, identity, runs: WARM_UP, seed: seed + 1, tally: new Tally() });
    const before = await settled(scene);
    const tally = new Tally();
    const pids = scene.tasker.pids().join();
    const broken = await fire({ gun, identity, runs, seed, tally });
    console.log(tally.report());
    const faults = [
      ...(broken === undefined ? [] : [broken]),
      ...(scene.tasker.pids().join() === pids ? [] : ['a process ended']),
      ...(await late(gun, tally.slowest)),
      ...growth(before, await shownFootprint(scene, before), tally.accepted),
    ];
    for (const fault of faults) console.error(fault);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await gun.close();
    await scene.close();
  }
}

interface Firing {
  gun: Gun;
  identity: Identity;
  runs: number;
  seed: number;
  tally: Tally;
}

/** Undefined, or the smallest request that gave a 500. */
async function fire({ gun, identity, runs, seed, tally }: Firing): Promise<string | undefined> {
  const volley = fc.array(shots(identity), { minLength: 1, maxLength: VOLLEY, size: 'max' });
  let told = 0;
  const property = fc.asyncProperty(volley, async (list) => {
    let bad: Hit | undefined;
    await gun.volley(list, (hit) => {
      tally.add(hit);
      if (isFault(hit)) bad = hit;
    });
    if (tally.count >= told + TELL_EVERY) {
      told = tally.count;
      console.log(tally.line());
    }
    if (bad) throw new Error(`${bad.status}: ${bad.text.slice(0, 300)}`);
  });
  // A volley has half of its most shots in the middle.
  const result = await fc.check(property, {
    seed,
    numRuns: Math.ceil(runs / (VOLLEY / 2)),
    endOnFailure: false,
  });
  if (!result.failed) return undefined;
  const list: Shot[] = result.counterexample?.[0] ?? [];
  const why = messageOf(result.errorInstance);
  return `${why}\n  seed ${seed}, path ${result.counterexamplePath}; the smallest volley:\n  ${list.map(reproduction).join('\n  ')}`;
}

/** 503 says that something is away or full, and when to come back; every other 5xx is a fault of ours. */
function isFault({ status }: Hit): boolean {
  return status >= 500 && status !== 503;
}

/** Those that took long in the crowd, alone: the best of three is theirs. */
async function late(gun: Gun, slowest: readonly Hit[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { shot, ms } of slowest.filter((hit) => hit.ms > LATE_MS)) {
    const alone = Math.min(
      ...[await gun.fire(shot), await gun.fire(shot), await gun.fire(shot)].map((hit) => hit.ms),
    );
    console.log(
      `slow: ${ms.toFixed(0)} ms in the crowd, ${alone.toFixed(0)} ms alone: ${reproduction(shot).slice(0, 300)}`,
    );
    if (alone > LATE_MS) faults.push(`late by itself: ${alone.toFixed(0)} ms\n  ${reproduction(shot)}`);
  }
  return faults;
}

async function settled(scene: Scene): Promise<Footprint> {
  await scene.admin.inProject('stop-nmap');
  await scene.admin.inProject('exclusions', { method: 'PUT', body: { hosts: [] } });
  return footprint(scene.tasker, scene.redis);
}

async function shownFootprint(scene: Scene, before: Footprint): Promise<Footprint> {
  const after = await settled(scene);
  const shown = ({ apiMb, jobsMb, redisMb, keys }: Footprint) =>
    `API ${apiMb} MB, jobs ${jobsMb} MB, Redis ${redisMb.toFixed(0)} MB, ${keys} keys`;
  console.log(`before: ${shown(before)}\nafter:  ${shown(after)}`);
  return after;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } });
  const runs = Number(values.runs ?? A_NIGHT);
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a number of requests');
  if (!Number.isInteger(seed)) throw new Error('--seed takes a whole number');
  await installMissing(['redis', 'rabbitmq', 'postgres']);
  const built = await runToEnd('npm', ['run', '--silent', 'build']);
  if (built !== 0) return built;
  console.log(`about ${runs.toLocaleString('en')} requests, seed ${seed}`);
  return fuzz(runs, seed);
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(messageOf(error));
    return 1;
  }),
);
