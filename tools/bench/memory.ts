import { randomUUID } from 'node:crypto';
import { scan } from '../../test/support/tasker.ts';
import type { Figure } from './figures.ts';
import { withFullWindow } from './fullWindow.ts';
import { eachProcessKb, forgetPeaks } from './processes.ts';

const NETWORKS = 5;
const LISTS = 3;
const ADDRESSES = 65_534;

/** The most that the API's process holds while it makes long answers, one after the other. */
export async function memory(): Promise<Figure[]> {
  const network = await peakMb(Array.from({ length: NETWORKS }, () => ['11.0.0.0/16']));
  const singles = Array.from(
    { length: ADDRESSES },
    (_, index) => `11.0.${(index + 1) >> 8}.${(index + 1) & 255}`,
  );
  const lists = await peakMb(Array.from({ length: LISTS }, () => singles));
  return [
    {
      what: 'the API after five answers of a /16',
      detail: `${NETWORKS} requests in a row, each with a list of ${ADDRESSES} targets`,
      value: network,
      limit: { atMost: 200 },
      unit: 'MB at most',
    },
    {
      what: 'the API after three long requests',
      detail: `${LISTS} requests in a row, each of ${ADDRESSES} single addresses`,
      value: lists,
      limit: { atMost: 250 },
      unit: 'MB at most',
    },
  ];
}

async function peakMb(requests: readonly string[][]): Promise<number> {
  return withFullWindow(async ({ tasker }) => {
    forgetPeaks(tasker);
    for (const hosts of requests) {
      const { status, body } = await tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan(hosts));
      if (status !== 200 || body.summary.sent_to_scan !== ADDRESSES)
        throw new Error(`run-nmap gave ${status}`);
    }
    return (eachProcessKb(tasker, 'peak')[0] ?? Number.NaN) / 1024;
  });
}
