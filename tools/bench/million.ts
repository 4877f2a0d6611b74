import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { scan } from '../../test/support/tasker.ts';
import { type Figure, median, timed } from './figures.ts';
import { withFullWindow } from './fullWindow.ts';
import { eachProcessKb, forgetPeaks } from './processes.ts';

const ENTRIES = 1_000_000;
const ROUNDS = 3;

/** A million single addresses in one request, beside JSON.parse of the same body. */
export async function million(): Promise<Figure[]> {
  const body = JSON.stringify(scan(Array.from({ length: ENTRIES }, (_, index) => scattered(index))));
  const parsedMb = parsedBodyMb();
  return withFullWindow(async ({ tasker }) => {
    const times: number[] = [];
    const parses: number[] = [];
    const apiMb: number[] = [];
    const jobsMb: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      parses.push(await timed(async () => JSON.parse(body)));
      const before = eachProcessKb(tasker, 'now');
      forgetPeaks(tasker);
      times.push(
        await timed(async () => {
          const { status, body: answer } = await tasker.post(`/tasks/${randomUUID()}/run-nmap`, body);
          if (status !== 200 || answer.summary.sent_to_scan !== ENTRIES)
            throw new Error(`run-nmap gave ${status} ${JSON.stringify(answer.summary ?? answer)}`);
        }),
      );
      const grown = eachProcessKb(tasker, 'peak').map((kb, index) => (kb - (before[index] ?? 0)) / 1024);
      apiMb.push(grown[0] ?? Number.NaN);
      jobsMb.push(grown[1] ?? Number.NaN);
    }
    // The parsed body is in the process that takes the request in.
    const perEntry = Math.max(Math.max(...apiMb) - parsedMb, Math.max(...jobsMb)) * (2 ** 20 / ENTRIES);
    const list = (all: readonly number[]) => all.map((mb) => mb.toFixed(0)).join(', ');
    const memory = `peak growth in MB: API ${list(apiMb)} with a parsed body of ${parsedMb.toFixed(0)}, jobs ${list(jobsMb)}`;
    const each = times.map((ms, round) => `${ms.toFixed(0)}/${parses[round]?.toFixed(0)}`).join(', ');
    return [
      {
        what: 'a million addresses: peak memory',
        detail: memory,
        value: perEntry,
        limit: { atMost: 200 },
        unit: 'bytes an entry and process beyond the parsed body',
      },
      {
        what: 'a million addresses: accepted in',
        detail: `ms, request/JSON.parse: ${each}`,
        value: median(times) / median(parses),
        limit: { atMost: 40 },
        unit: 'x JSON.parse of the body',
      },
    ];
  });
}

/** No two are neighbours, and their order is none. */
function scattered(index: number): string {
  const host = (index * 7_919 * 2) % 2 ** 21;
  return `11.${host >> 16}.${(host >> 8) & 255}.${host & 255}`;
}

/** What body and parsed body take in a process that does nothing else. */
function parsedBodyMb(): number {
  const script = `
    const scattered = ${scattered};
    const hosts = Array.from({ length: ${ENTRIES} }, (_, index) => scattered(index));
    const bytes = Buffer.from(JSON.stringify({ hosts }));
    hosts.length = 0;
    gc();
    const before = process.memoryUsage();
    const parsed = JSON.parse(bytes.toString());
    gc();
    const after = process.memoryUsage();
    process.stdout.write(String((after.heapUsed - before.heapUsed + bytes.length) / 2 ** 20 + parsed.hosts.length * 0));
  `;
  return Number(execFileSync(process.execPath, ['--expose-gc', '-e', script], { encoding: 'utf8' }));
}
