import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WINDOW_KEY } from '../../src/adapters/redis/keys.ts';
import { type Book, newBook } from './book.ts';
import { type Caller, openCaller } from './caller.ts';
import { duplicates, type Finding, neverRun, ranTooLate } from './judge.ts';
import { type Killing, killThem } from './kills.ts';
import { readRecords } from './records.ts';
import { type Scene, TOKEN } from './scene.ts';
import { leftovers, settle } from './settle.ts';
import { completeBook, stuck } from './submissions.ts';
import { headLines } from './table.ts';
import { createUser, type User } from './user.ts';

const USERS = 6;
const FIRST_PORT = 1_000;
const LOOK_AT_WINDOW_MS = 500;

/** Users at work, kills, the end of everything, and what there is to say about it. */
export async function run(scene: Scene, killing: Killing): Promise<Finding[]> {
  const beganMs = Date.now();
  const tell = (line: string) => console.log(`${((Date.now() - beganMs) / 1_000).toFixed(1)} s  ${line}`);
  const book = newBook();
  const caller = openCaller(scene.url, TOKEN, book);
  let port = FIRST_PORT;
  const ownPort = () => String(port++);
  const users = Array.from({ length: USERS }, (_, index) =>
    createUser({ number: index, steady: index % 3 !== 0, seed: killing.seed, caller, book, ownPort }),
  );
  const window = watchWindow(scene);
  await untilKilled(users, () => killThem(killing, scene, book, tell));
  const killedMs = Date.now() - beganMs;
  tell('no more kills: waiting for the end of everything');
  const projects = users.map(({ project }) => project);
  const settled = await settle(scene, caller, projects, tell);
  const findings = await judged({ scene, book, caller, projects, part: window.end() });
  console.log(headLines(book, killedMs, settled.tookMs));
  return [...findings, leftovers(settled)];
}

/** Rejects at once when a user or the killing fails. */
async function untilKilled(users: readonly User[], kill: () => Promise<void>): Promise<void> {
  const end = new AbortController();
  const lives = users.map((user) => user.live(end.signal));
  try {
    await Promise.race([kill(), Promise.all(lives)]);
  } finally {
    end.abort();
  }
  await Promise.all(lives);
}

/** The most tasks that Tasker sent together is what the window let in. */
function watchWindow({ redis }: Scene): { end(): number } {
  let most = 0;
  const timer = setInterval(() => {
    if (redis.status !== 'ready') return;
    redis.hget(WINDOW_KEY, 'limit').then(
      (limit) => {
        most = Math.max(most, Number(limit ?? 0));
      },
      () => {},
    );
  }, LOOK_AT_WINDOW_MS);
  return {
    end() {
      clearInterval(timer);
      return most;
    },
  };
}

interface Trial {
  scene: Scene;
  book: Book;
  caller: Caller;
  projects: readonly string[];
  part: number;
}

async function judged({ scene, book, caller, projects, part }: Trial): Promise<Finding[]> {
  await completeBook(book, caller, projects);
  writeFileSync(join(scene.directory, 'book.json'), JSON.stringify(book, null, 1));
  const records = readRecords(scene.recordsFile);
  return [
    neverRun(book, records),
    ranTooLate(book, records),
    duplicates(book, records, part),
    await stuck(caller, projects),
  ];
}
