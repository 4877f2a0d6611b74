/** MAX_TARGETS holds for the addresses that names lead to. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let installation: Installation;
let dns: DnsServer;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({ zone: Array.from({ length: 100 }, (_, i) => `11.0.0.${i} hundred.test`) });
  const DNS_SERVERS = `${dns.address}:${dns.port}`;
  tasker = await startTasker({ ...installation.env, DNS_SERVERS, MAX_TARGETS: '100' });
});

afterAll(async () => {
  await tasker?.stop();
  await dns?.stop();
  await installation?.drop();
});

it.each(['run-nmap', 'plan'])(
  'too many are refused with all numbers, and what fits is taken (%s)',
  async (route) => {
    const ask = (hosts: string[]) => tasker.post(`/tasks/${randomUUID()}/${route}`, scan(hosts));
    expect(await ask(['hundred.test', '12.0.0.1'])).toMatchObject({
      status: 422,
      body: {
        detail: [{ type: 'scope', msg: expect.stringMatching(/101 targets: 1 .* 100 more of 1 names/) }],
      },
    });
    expect((await ask(['hundred.test'])).status).toBe(200);
  },
);
