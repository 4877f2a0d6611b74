/** SIGTERM and SIGKILL of the whole service in the middle of a flow. */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LANES } from '../../src/targets/order/batches.ts';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import {
  drain,
  drainUntilDone,
  expectNothingLost,
  sharedBroker,
  submitNetwork,
  untilUnderWay,
} from '../support/flowChecks.ts';
import { childrenOf, runs } from '../support/processes.ts';
import { isSent } from '../support/progress.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let installation: Installation;
let dns: DnsServer;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({ zone: ['11.9.0.1 slow.test'], behaviours: { '*': { latencyMs: 2_000 } } });
});

afterEach(() => tasker?.stop());

afterAll(async () => {
  await dns?.stop();
  await installation?.drop();
});

async function start(): Promise<void> {
  const DNS_SERVERS = `${dns.address}:${dns.port}`;
  tasker = await startTasker({ ...installation.env, DNS_SERVERS, DISPATCH_WINDOW: '0' });
}

/** The pids of the service: the process that was started, and its children. */
function pids(): number[] {
  const { pid } = tasker.process;
  if (pid === undefined) throw new Error('the process was not started');
  const children = childrenOf(pid);
  expect(children.length).toBe(1);
  return [pid, ...children];
}

/** Every promise about the end of the service is kept within 10 s. */
const allGone = (all: readonly number[]) =>
  eventually('no process is left', () => !all.some((pid) => runs(pid)), 10_000);

describe.each(['SIGTERM', 'SIGKILL'] as const)('%s in the middle of a flow', (signal) => {
  it('leaves no process behind, and the flow completes after the next start', async () => {
    await start();
    const flow = await submitNetwork(tasker, signal === 'SIGTERM' ? 1 : 2, 17);
    const service = pids();
    await untilUnderWay(tasker, flow);
    const exit = once(tasker.process, 'exit');
    tasker.process.kill(signal);
    await allGone(service);
    expect(await exit).toEqual(signal === 'SIGTERM' ? [0, null] : [null, 'SIGKILL']);
    const broker = sharedBroker(installation.vhost);
    const tasks = await drain(broker);
    expect(tasks.length).toBeLessThan(flow.ips.length);

    await start();
    tasks.push(...(await drainUntilDone(tasker, flow, broker)));
    await expectNothingLost({ tasker, redis: installation.redis }, flow, tasks, LANES);
  }, 120_000);
});

it('SIGTERM while a caller waits: 202 with the submission, which completes after the next start', async () => {
  await start();
  const answer = tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan(['slow.test']));
  await eventually('the name is being asked for', () => dns.queries.size > 0);
  const service = pids();
  expect(await tasker.stop()).toBe(0);
  await allGone(service);
  const { status, body } = await answer;
  expect(status).toBe(202);
  expect(body.submission.state).toBe('planning');

  await start();
  const done = await eventually('it is done', async () => {
    const { body: progress } = await tasker.get(body.submission.href);
    return isSent(progress.state) && progress;
  });
  expect(done.sent).toBe(1);
  const tasks = await drain(sharedBroker(installation.vhost));
  expect(tasks.map(({ task }) => [task.ip, task.hostnames])).toEqual([['11.9.0.1', ['slow.test']]]);
}, 120_000);
