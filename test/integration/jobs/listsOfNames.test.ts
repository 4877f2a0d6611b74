/** Many names for which the same has to be said: some are named, the others counted. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { type ApiFlows, apiFlows } from '../../support/apiFlows.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';

let dns: DnsServer;
let scene: FlowScene;
let api: ApiFlows;

beforeAll(async () => {
  dns = await startDnsServer({ zone: ['11.50.0.1 *.wild.test'] });
  const servers = [`${dns.address}:${dns.port}`];
  scene = await flowScene(createResolver({ servers, hostsFile: '/nowhere/hosts' }));
  api = await apiFlows(scene);
  scene.runJobs();
});
afterAll(async () => {
  await api?.close();
  await scene?.close();
  await dns?.stop();
});

const names = (domain: string) => Array.from({ length: 30 }, (_, i) => `n${i}.${domain}`);

it('the warning of a domain that answers for every name has some of the names and the number of the others', async () => {
  const id = await scene.submit({ entries: names('wild.test').join('\n'), provided: 30, names: 30 });
  await scene.untilState(id, 'done');
  expect(await api.queries.warnings(id)).toMatchObject([
    {
      message: expect.stringMatching(
        /^wild\.test answers for every name below it, .*n0\.wild\.test.* and \d+ more$/,
      ),
    },
  ]);
});

it('excluded names that do not exist stop a plan, which has some of them and the number of the others', async () => {
  const id = await scene.submit({ entries: '11.50.1.1', kind: 'plan', exclude: names('gone.test') });
  expect((await scene.untilState(id, 'failed')).failure).toMatchObject({
    stage: 'dedup',
    byScope: true,
    reason: expect.stringMatching(
      /do not resolve.*: n0\.gone\.test \(nxdomain\) \[request\], .* and \d+ more; correct or remove them/,
    ),
  });
});
