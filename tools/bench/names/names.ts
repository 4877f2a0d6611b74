import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { NODATA } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { request as httpRequest } from 'undici';
import { type Installation, scan, TOKEN } from '../../../test/support/tasker.ts';
import { connectionOf } from '../emptyFlow.ts';
import { type Figure, median, timed } from '../figures.ts';
import { type Scene, withFullWindow } from '../fullWindow.ts';
import { untilQuiet } from '../processes.ts';

export const NAMES = 5_000;
const CONCURRENCY = 100;
/** Until the code is compiled that runs often. */
const WARM_UPS = 15;
const RUNS = 15;

/** Sets of names: each is asked for once by Tasker, so that no answer comes out of its cache. */
export const SETS = WARM_UPS + RUNS;

export function benchName(set: number, index: number): string {
  return `host-${index}.set-${set}.bench.test`;
}

/**
 * 5,000 names in one request, beside a bare loop over c-ares with the same concurrency on the same server. The window
 * is full, and each loop waits until Tasker has nothing left to do.
 */
export async function names(): Promise<Figure[]> {
  const server = fork(fileURLToPath(new URL('nameServer.ts', import.meta.url)));
  try {
    const [address] = await once(server, 'message');
    return await withFullWindow((scene) => compare(scene, String(address)), { DNS_SERVERS: String(address) });
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
}

async function compare(scene: Scene, server: string): Promise<Figure[]> {
  const stages: number[] = [];
  const requests: number[] = [];
  const chains: number[] = [];
  const rates: string[] = [];
  for (let set = 0; set < SETS; set++) {
    const hosts = Array.from({ length: NAMES }, (_, index) => benchName(set, index));
    await untilQuiet(scene.tasker);
    const beforeMs = await timed(() => bareLoop(server, hosts));
    await untilQuiet(scene.tasker);
    const { stageMs, requestMs } = await request(scene, hosts);
    await untilQuiet(scene.tasker);
    const bareMs = (beforeMs + (await timed(() => bareLoop(server, hosts)))) / 2;
    const chainsMs = await timed(() => bareLoop(server, hosts, withChain));
    if (set < WARM_UPS) continue;
    chains.push(bareMs / chainsMs);
    stages.push(bareMs / stageMs);
    requests.push(bareMs / requestMs);
    rates.push([requestMs, stageMs, bareMs].map((ms) => Math.round((NAMES / ms) * 1_000)).join('/'));
  }
  const rest = `the whole request, from the POST to the last byte of its answer: ${median(requests).toFixed(2)}`;
  const chain = `c-ares, asked for the CNAME of each name as well: ${median(chains).toFixed(2)}`;
  const detail = `${rest}; ${chain}; names/s, whole request/resolve stage/bare loop: ${rates.join(', ')}`;
  return [
    {
      what: 'resolving 5,000 names',
      detail,
      value: median(stages),
      limit: { atLeast: 0.6 },
      unit: 'of a bare c-ares loop',
    },
  ];
}

async function request({ tasker, installation }: Scene, hosts: string[]) {
  const options = {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(scan(hosts)),
  } as const;
  const start = performance.now();
  const answer = await httpRequest(`${tasker.url}/tasks/${randomUUID()}/run-nmap`, options);
  const bytes = await answer.body.bytes();
  const requestMs = performance.now() - start;
  const { summary, submission } = JSON.parse(Buffer.from(bytes).toString());
  if (summary.resolved_ips !== NAMES) throw new Error(`run-nmap gave ${answer.statusCode}`);
  return { requestMs, stageMs: await stageTime(installation, submission.id) };
}

/** From the start of the first resolve job to the end of the last: what it cost to get all names resolved and kept. */
async function stageTime({ env, redis }: Installation, submission: string): Promise<number> {
  const queue = new Queue('resolve', { connection: connectionOf(env), prefix: 'tasker:queue' });
  try {
    const chunks = await redis.hlen(`tasker:submission:${submission}:names`);
    const ids = Array.from({ length: chunks }, (_, chunk) => `${submission}-resolve-${chunk}`);
    const jobs = await Promise.all(ids.map((id) => queue.getJob(id)));
    const started = Math.min(...jobs.map((job) => job?.processedOn ?? Number.NaN));
    return Math.max(...jobs.map((job) => job?.finishedOn ?? Number.NaN)) - started;
  } finally {
    await queue.close();
  }
}

type Ask = (resolver: Resolver, name: string) => Promise<unknown>;

const withoutChain: Ask = (resolver, name) => resolver.resolve4(name);

/** What Tasker has to know of a name: TTL and CNAME chain. c-ares tells the latter to nobody who does not ask for it. */
const withChain: Ask = (resolver, name) =>
  Promise.all([resolver.resolve4(name, { ttl: true }), resolver.resolveCname(name).catch(noneThere)]);

function noneThere(error: NodeJS.ErrnoException): string[] {
  if (error.code !== NODATA) throw error;
  return [];
}

async function bareLoop(address: string, hosts: readonly string[], ask: Ask = withoutChain): Promise<void> {
  const resolver = new Resolver();
  resolver.setServers([address]);
  let next = 0;
  const one = async () => {
    while (next < hosts.length) await ask(resolver, hosts[next++] ?? '');
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, one));
}
