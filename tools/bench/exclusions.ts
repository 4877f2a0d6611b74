import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { scan, type Tasker } from '../../test/support/tasker.ts';
import { type Figure, median, timed } from './figures.ts';
import { withFullWindow } from './fullWindow.ts';

const ROUNDS = 30;
const EXCLUSIONS = 1_000;
/** Odd, so that the addresses lie scattered over the whole /8. */
const STEP = 16_777;

const LINES = 100_000;

/** What exclusions cost: of a request, and of the installation. Each beside a single address without any. */
export async function exclusions(): Promise<Figure[]> {
  return [...(await ofRequest()), ...(await ofInstallation())];
}

/** A single address under a file of 100,000 lines, beside one without: in time, and in Redis. */
async function ofInstallation(): Promise<Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'tasker-bench-'));
  const file = join(directory, 'excluded');
  const lines = Array.from(
    { length: LINES },
    (_, index) => `11.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
  );
  writeFileSync(file, lines.join('\n'));
  try {
    return await withFullWindow((plain) =>
      withFullWindow(
        async (long) => {
          const [without, within]: [number[], number[]] = [[], []];
          let usedBefore = 0;
          for (let round = 0; round < 2 * ROUNDS; round++) {
            if (round === ROUNDS) usedBefore = await bytesOf(long.redis);
            without.push(await timed(() => acceptOne(plain.tasker)));
            within.push(await timed(() => acceptOne(long.tasker)));
          }
          const each = ((await bytesOf(long.redis)) - usedBefore) / ROUNDS / 1_024;
          const [ours, yardstick] = [within, without].map((times) => median(times.slice(ROUNDS)));
          const detail =
            `${ours?.toFixed(1)} ms, without the file ${yardstick?.toFixed(1)} ms, medians of ${ROUNDS}; ` +
            `${each.toFixed(0)} KB of Redis each, first submission ${within[0]?.toFixed(0)} ms`;
          return [
            {
              what: `a single address under a file of ${LINES} exclusions`,
              detail,
              value: (ours ?? Number.NaN) / (yardstick ?? Number.NaN),
              limit: { atMost: 2 },
              unit: 'x without the file',
            },
          ];
        },
        { EXCLUDED_HOSTS_FILE: file },
      ),
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function acceptOne(tasker: Tasker): Promise<void> {
  const { status, body } = await tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan(['9.9.9.9']));
  if (status !== 200) throw new Error(`run-nmap gave ${status} ${JSON.stringify(body)}`);
}

/** What Redis keeps under Tasker's keys of this database. */
async function bytesOf(redis: Redis): Promise<number> {
  let bytes = 0;
  for (const key of await redis.keys('tasker:*')) bytes += (await redis.memory('USAGE', key)) ?? 0;
  return bytes;
}

/** A /8 minus 1,000 scattered addresses. */
async function ofRequest(): Promise<Figure[]> {
  const exclude = Array.from({ length: EXCLUSIONS }, (_, index) => {
    const host = 77 + index * STEP;
    return `11.${host >> 16}.${(host >> 8) & 255}.${host & 255}`;
  });
  return withFullWindow(async ({ tasker }) => {
    const accept = (hosts: string[], more: object, expected: number) =>
      timed(async () => {
        const { status, body } = await tasker.post(
          `/tasks/${randomUUID()}/run-nmap`,
          scan(hosts, { ...more }),
        );
        if (status !== 200 || body.summary.sent_to_scan !== expected)
          throw new Error(`run-nmap gave ${status} ${JSON.stringify(body.summary ?? body)}`);
      });
    const single: number[] = [];
    const network: number[] = [];
    for (let round = 0; round < 2 * ROUNDS; round++) {
      single.push(await accept(['9.9.9.9'], {}, 1));
      network.push(await accept(['11.0.0.0/8'], { exclude }, 2 ** 24 - 2 - EXCLUSIONS));
    }
    const [ours, yardstick] = [network, single].map((times) => median(times.slice(ROUNDS)));
    const detail = `${ours?.toFixed(1)} ms, single address ${yardstick?.toFixed(1)} ms, medians of ${ROUNDS}`;
    return [
      {
        what: 'accepting a /8 minus 1,000 exclusions',
        detail,
        value: (ours ?? Number.NaN) / (yardstick ?? Number.NaN),
        limit: { atMost: 3 },
        unit: 'x a single address',
      },
    ];
  });
}
