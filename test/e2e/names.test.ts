/** Names from end to end: chains, loops, families, wildcards, many addresses, slow servers, private answers. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

const MANY = Array.from({ length: 500 }, (_, i) => `11.6.${i >> 8}.${i & 255} many.test`);
const ZONE = [
  ...MANY,
  'cname:cdn.other.test www.test',
  'cname:edge.far.test cdn.other.test',
  '11.0.0.7 edge.far.test',
  'cname:b.loop.test a.loop.test',
  'cname:a.loop.test b.loop.test',
  'cname:gone.far.test dangling.test',
  '11.0.0.1 both.test',
  '2400:1:2::1 both.test',
  '2400:1:2::2 six.test',
  '11.0.0.3 half.test',
  '11.0.0.200 *.wild.test',
  '11.0.0.201 real.wild.test',
  '10.0.0.1 rebind.test',
  '127.0.0.1 rebind.test',
  '169.254.169.254 rebind.test',
];
const SLOW = 1_000;
let installation: Installation;
let dns: DnsServer;
let slow: DnsServer;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({ zone: ZONE, behaviours: { 'half.test AAAA': { servfail: 'always' } } });
  tasker = await startTasker({
    ...installation.env,
    DNS_SERVERS: `${dns.address}:${dns.port}`,
    DISPATCH_WINDOW: '1',
  });
  const zone = Array.from({ length: SLOW }, (_, i) => `11.${7 + (i >> 8)}.${i & 255}.1 name-${i}.slow.test`);
  slow = await startDnsServer({ zone, behaviours: { '*': { latencyMs: 300 } } });
});

afterAll(async () => {
  await tasker?.stop();
  await dns?.stop();
  await slow?.stop();
  await installation?.drop();
});

const run = (hosts: string[], more: object = {}, project = randomUUID()) =>
  tasker.post(`/tasks/${project}/run-nmap`, scan(hosts, { ...more }));
const plan = async (hosts: string[], more: object = {}) =>
  (await tasker.post(`/tasks/${randomUUID()}/plan`, scan(hosts, { ...more }))).body;

describe('a name', () => {
  it('is told with its CNAME chain, its TTL, and the kind of its failure', async () => {
    const { entries, refused_detail } = await plan(['www.test', 'a.loop.test', 'dangling.test', 'six.test']);
    expect(entries).toMatchObject([
      { name: { addresses: ['11.0.0.7'], chain: ['cdn.other.test', 'edge.far.test'], ttl_s: 60 } },
      { name: { failure: 'cname_loop', chain: ['b.loop.test', 'a.loop.test'] } },
      { name: { failure: 'nxdomain', chain: ['gone.far.test'] } },
      { name: { failure: 'nodata' } },
    ]);
    const failures = refused_detail.map(({ detail }: { detail: { entry: string } }) => detail.entry);
    expect(failures.sort()).toEqual(['cname_loop', 'nodata', 'nxdomain']);
  });

  it('whose chain passes through an excluded one is excluded with its addresses', async () => {
    for (const exclude of [['*.other.test'], ['cdn.other.test'], ['edge.far.test']]) {
      const { ranges, summary } = await plan(['www.test', '11.0.0.6/31'], { exclude });
      expect(ranges).toEqual(['11.0.0.6']);
      expect(summary.refused.forbidden).toBe(1);
    }
  });

  it('of which one family is not answered says which, and why, in the plan and in explain', async () => {
    const unanswered = { family: '6', failure: 'servfail' };
    const { entries, warnings } = await plan(['half.test', 'both.test'], { ip_version: 'any' });
    expect(entries[0].name).toMatchObject({ addresses: ['11.0.0.3'], unanswered });
    expect(entries[1].name).not.toHaveProperty('unanswered');
    expect(warnings).toMatchObject([{ code: 'unanswered', message: expect.stringContaining('half.test') }]);
    const project = randomUUID();
    await run(['half.test'], { ip_version: 'any' }, project);
    const { body } = await tasker.get(`/tasks/${project}/explain?target=half.test`);
    expect(body.submissions[0].names).toMatchObject([{ name: 'half.test', unanswered }]);
    const refused = await run(['11.0.0.0/29'], { exclude: ['half.test'] });
    expect(refused.status).toBe(422);
    expect(JSON.stringify(refused.body)).toContain('half.test (IPv6: servfail)');
  });

  it('gives the addresses of the family that is asked for', async () => {
    const hosts = ['both.test', 'six.test'];
    expect((await plan(hosts)).ranges).toEqual(['11.0.0.1']);
    expect((await plan(hosts, { ip_version: '6' })).ranges).toEqual(['2400:1:2::1-2400:1:2::2']);
    expect((await plan(hosts, { ip_version: 'any' })).ranges).toEqual([
      '11.0.0.1',
      '2400:1:2::1-2400:1:2::2',
    ]);
    const excluded = await plan(['2400:1:2::/126', '11.0.0.1'], { exclude: ['both.test'] });
    expect(excluded.ranges).toEqual(['2400:1:2::', '2400:1:2::2/127']);
  });

  it('below a domain that answers for every name is flagged, and stays', async () => {
    const { entries, warnings, summary } = await plan(['x.wild.test', 'real.wild.test', 'www.test']);
    expect(summary.sent_to_scan).toBe(3);
    expect(entries[0].name.wildcard).toBe(true);
    expect(entries[1].name).not.toHaveProperty('wildcard');
    expect(entries[2].name).not.toHaveProperty('wildcard');
    expect(warnings).toEqual([
      { code: 'wildcard', message: expect.stringMatching(/^wild\.test .*x\.wild\.test$/) },
    ]);
  });

  it('with 500 addresses gives all of them; one that leads inside gives none', async () => {
    expect((await run(['many.test'])).body.summary).toMatchObject({ resolved_ips: 500, sent_to_scan: 500 });
    const { summary, refused_detail } = await plan(['rebind.test']);
    expect(summary).toMatchObject({ sent_to_scan: 0, refused: { private_ip: 3 } });
    expect(refused_detail).toHaveLength(3);
  });

  it('is looked up once for all processes as long as it counts', async () => {
    const asked = () => dns.queries.get('both.test') ?? 0;
    const before = asked();
    await run(['both.test']);
    expect(asked() - before).toBeLessThanOrEqual(1);
    // The cache is written a moment after the answer.
    await eventually('the answer comes from the cache', async () => {
      const until = asked();
      await run(['both.test'], { mode: 'replace' });
      return asked() === until;
    });
  });
});

it('a thousand names on a slow server are resolved, all of them', async () => {
  const other = await startTasker({
    ...installation.env,
    DNS_SERVERS: `${slow.address}:${slow.port}`,
    DISPATCH_WINDOW: '1',
  });
  try {
    await tasker.stop(); // its jobs would ask the other server
    const hosts = Array.from({ length: SLOW }, (_, i) => `name-${i}.slow.test`);
    const { body } = await other.post(`/tasks/${randomUUID()}/run-nmap`, scan(hosts));
    expect(body.summary).toMatchObject({ resolved_ips: SLOW, refused: { unresolvable: 0 } });
  } finally {
    await other.stop();
  }
});
