import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ownInstallation, scan, startTasker } from '../../test/support/tasker.ts';
import { type Figure, median, timed } from './figures.ts';

export const NAMES = 5_000;
const CONCURRENCY = 100;
const RUNS = 5;

export function benchName(index: number): string {
  return `host-${index}.bench.test`;
}

/** 5,000 names in one request, beside a bare loop over c-ares with the same concurrency on the same server. */
export async function names(): Promise<Figure[]> {
  const server = fork(fileURLToPath(new URL('nameServer.ts', import.meta.url)));
  const [address] = await once(server, 'message');
  const installation = await ownInstallation();
  const tasker = await startTasker({ ...installation.env, DNS_SERVERS: String(address) });
  try {
    const hosts = Array.from({ length: NAMES }, (_, index) => benchName(index));
    const ours = () =>
      timed(async () => {
        const { status, body } = await tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan(hosts));
        if (status !== 200 || body.summary.resolved_ips !== NAMES) throw new Error(`run-nmap gave ${status}`);
      });
    const bare = () => timed(() => bareLoop(String(address), hosts));
    await bare();
    await ours();
    const ratios: number[] = [];
    const rates: string[] = [];
    for (let run = 0; run < RUNS; run++) {
      const [bareMs, oursMs] = [await bare(), await ours()];
      ratios.push(bareMs / oursMs);
      rates.push(`${Math.round((NAMES / oursMs) * 1_000)}/${Math.round((NAMES / bareMs) * 1_000)}`);
    }
    const detail = `names/s from POST to answer, Tasker/bare loop: ${rates.join(', ')}`;
    return [
      {
        what: '5,000 names',
        detail,
        value: median(ratios),
        limit: { atLeast: 0.6 },
        unit: 'of a bare c-ares loop',
      },
    ];
  } finally {
    await tasker.stop();
    await installation.drop();
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
}

async function bareLoop(address: string, hosts: readonly string[]): Promise<void> {
  const resolver = new Resolver();
  resolver.setServers([address]);
  let next = 0;
  const one = async () => {
    while (next < hosts.length) await resolver.resolve4(hosts[next++] ?? '');
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, one));
}
