/** What a role opens, it closes: the process would not end by itself otherwise, nor could it start again. */
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, createApp } from '../../src/app/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { linesLog } from '../support/broker.ts';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { queueDepth, takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, TOKEN } from '../support/tasker.ts';

/** Enough for the request to be read in a worker thread. */
const NAMES = 5_000;

let installation: Installation;
let dns: DnsServer;

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({ zone: ['8.8.8.8 a.test'] });
});

afterAll(async () => {
  await dns?.stop();
  await installation?.drop();
});

function appOf(role: 'api' | 'jobs'): App {
  const result = readConfig({
    ...installation.env,
    ROLE: role,
    RESPONSE_DEADLINE: '1',
    DNS_SERVERS: `${dns.address}:${dns.port}`,
  });
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return createApp({ ...result.config, port: 0 }, linesLog().log, {
    entry: new URL(import.meta.url),
    env: {},
  });
}

/** How many of each kind keep the process alive; what belongs to the test runner's own pipes left out. */
function openResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (!/^(PipeWrap|TTYWrap|FSReqPromise)$/.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Threads of this process, those of a pool that was not closed included: no list of Node's names them. */
const threads = () => readdirSync('/proc/self/task').length;

/** Starts, uses and stops the app; fails unless everything that was opened in between is closed again. */
async function cycle(app: App, use: (url: string) => Promise<void>): Promise<void> {
  const before = openResources();
  let during: Map<string, number> | undefined;
  try {
    await use((await app.start()) ?? '');
    during = openResources();
  } finally {
    await app.stop();
  }
  // Otherwise the comparison below would say nothing.
  expect(during?.get('TCPSocketWrap')).toBeGreaterThan(before.get('TCPSocketWrap') ?? 0);
  let left: [string, number][] = [];
  await eventually(
    'what was opened is closed',
    () => {
      left = [...openResources()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
      return left.length === 0;
    },
    10_000,
  ).catch(() => {});
  expect(left).toEqual([]);
}

it('roles api and jobs leave nothing open, and start again', async () => {
  const api = appOf('api');
  const jobs = appOf('jobs');
  let afterFirst = Number.POSITIVE_INFINITY;
  for (const turn of [1, 2]) {
    const names = Array.from({ length: NAMES }, (_, index) => `name-${index}.test`);
    const body = JSON.stringify(scan([`8.8.4.${turn}`, 'a.test', ...names]));
    await cycle(api, async (url) => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
      const path = `/tasks/${randomUUID()}/run-nmap`;
      const answer = await fetch(url + path, { method: 'POST', headers, body });
      await answer.text();
      expect(answer.status).toBe(202); // nobody works on it yet
    });
    await cycle(jobs, async () => {
      // One of the two may be in the queue a moment before the other.
      await eventually('the submission is sent', async () => (await queueDepth(installation.vhost)) >= 2);
      const tasks = await takeTasks(installation.vhost);
      expect(tasks.map(({ task }) => task.ip).toSorted()).toEqual([`8.8.4.${turn}`, '8.8.8.8']);
    });
    // The first turn may start what Node keeps for good; a second one needs nothing more.
    await eventually('no thread is left', () => threads() <= afterFirst, 10_000);
    afterFirst = threads();
  }
});
