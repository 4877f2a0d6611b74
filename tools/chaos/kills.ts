import { setTimeout as delay } from 'node:timers/promises';
import type { Book, Kill, VictimKind } from './book.ts';
import { type Random, randomOf } from './random.ts';
import type { Scene } from './scene.ts';
import type { Victim } from './victims.ts';

const SHORTEST_REST_MS = 2_000;
const LONGEST_REST_MS = 6_000;
/** Until a supervisor starts it again. */
const SHORTEST_GONE_MS = 200;
const LONGEST_GONE_MS = 2_000;
/** Of what was chosen nothing is up. */
const LOOK_AGAIN_MS = 250;

export interface Killing {
  kills: number;
  seed: number;
  kinds: readonly VictimKind[];
}

/**
 * Kills one after the other; resolves when the last one is up again. `tell` is told of each.
 *
 * @throws what keeps one from coming back
 */
export async function killThem(
  { kills, seed, kinds }: Killing,
  { victims }: Pick<Scene, 'victims'>,
  book: Book,
  tell: (line: string) => void,
): Promise<void> {
  const random = randomOf(seed, 'kills');
  const restarts: Promise<void>[] = [];
  const failed: unknown[] = [];
  for (let count = 1; count <= kills; count++) {
    await delay(random.between(SHORTEST_REST_MS, LONGEST_REST_MS));
    const goneMs = random.between(SHORTEST_GONE_MS, LONGEST_GONE_MS);
    const victim = await chosen(victims, kinds, random);
    if (failed.length > 0) throw failed[0];
    const kill: Kill = {
      kind: victim.kind,
      name: victim.name,
      pid: victim.pid(),
      atMs: Date.now(),
      backAtMs: undefined,
    };
    book.kills.push(kill);
    victim.up = false;
    await victim.kill();
    tell(`${count} of ${kills}: ${victim.name} killed, back after ${goneMs} ms`);
    restarts.push(comeBack(victim, kill, goneMs).catch((error: unknown) => void failed.push(error)));
  }
  await Promise.all(restarts);
  if (failed.length > 0) throw failed[0];
}

async function comeBack(victim: Victim, kill: Kill, goneMs: number): Promise<void> {
  await delay(goneMs);
  await victim.restart();
  kill.backAtMs = Date.now();
  victim.up = true;
}

/** Each kind as often as the others, however many there are of it. */
async function chosen(
  victims: readonly Victim[],
  kinds: readonly VictimKind[],
  random: Random,
): Promise<Victim> {
  for (;;) {
    const kind = random.pick(kinds);
    const victim = random.pick(victims.filter((each) => each.kind === kind && each.up));
    if (victim !== undefined) return victim;
    await delay(LOOK_AGAIN_MS);
  }
}
