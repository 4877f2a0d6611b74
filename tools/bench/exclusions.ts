import { randomUUID } from 'node:crypto';
import { scan } from '../../test/support/tasker.ts';
import { type Figure, median, timed } from './figures.ts';
import { withFullWindow } from './fullWindow.ts';

const ROUNDS = 30;
const EXCLUSIONS = 1_000;
/** Odd, so that the addresses lie scattered over the whole /8. */
const STEP = 16_777;

/** A /8 minus 1,000 scattered addresses, beside a single address. */
export async function exclusions(): Promise<Figure[]> {
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
