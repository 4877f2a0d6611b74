import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../../src/api/routes.ts';
import { CHAIN, type NameServer, ONE_ADDRESS, startNameServer } from '../../../tools/attack/nameServer.ts';
import { claim, outcomeOf } from '../../../tools/attack/row.ts';
import { ROWS } from '../../../tools/attack/rows.ts';
import { BARS, holds, onlyLate, type Result } from '../../../tools/attack/table.ts';
import { growth } from '../../../tools/fuzz/growth.ts';
import { shots } from '../../../tools/fuzz/shots.ts';

const idle = { p95Ms: 100, healthMs: 10 };

describe('the rows of the attack', () => {
  it('are numbered from 1 to 21, each once', () => {
    const numbers = ROWS.map(({ number }) => number).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 21 }, (_, index) => index + 1));
  });

  it('hold when all that they claim holds, and name first what does not', () => {
    expect(outcomeOf(claim('a', true), claim('b', true))).toEqual({ holds: true, figure: 'a; b' });
    expect(outcomeOf(claim('a', true), claim('b', false))).toEqual({ holds: false, figure: 'NOT b; a' });
  });

  it('give way when the bystander or the machine notices', () => {
    const [row] = ROWS;
    if (!row) throw new Error('there are no rows');
    const quiet: Result = {
      row,
      outcome: { holds: true, figure: '' },
      day: { timesMs: [100, 100], refused: [], longestHealthMs: 10 },
      held: { apiMb: 100, jobsMb: 100, redisMb: 10, restarted: false },
    };
    const { day, held } = quiet;
    expect(holds(quiet, idle)).toBe(true);
    expect(holds({ ...quiet, outcome: { holds: false, figure: '' } }, idle)).toBe(false);
    expect(holds(quiet, { ...idle, p95Ms: 100 / (BARS.slower + 1) })).toBe(false);
    expect(holds({ ...quiet, day: { ...day, refused: ['503'] } }, idle)).toBe(false);
    expect(holds({ ...quiet, day: { ...day, timesMs: [] } }, idle)).toBe(false);
    expect(holds({ ...quiet, day: { ...day, longestHealthMs: 501 } }, idle)).toBe(false);
    expect(holds({ ...quiet, day: { ...day, longestHealthMs: 501 } }, { ...idle, healthMs: 101 })).toBe(true);
    expect(holds({ ...quiet, held: { ...held, jobsMb: BARS.processMb + 1 } }, idle)).toBe(false);
    expect(holds({ ...quiet, held: { ...held, redisMb: BARS.redisMb + 1 } }, idle)).toBe(false);
    expect(holds({ ...quiet, held: { ...held, restarted: true } }, idle)).toBe(false);
  });
});

describe('a second try', () => {
  it('is for rows where nothing but times is wrong', () => {
    const [row] = ROWS;
    if (!row) throw new Error('there are no rows');
    const slow: Result = {
      row,
      outcome: { holds: true, figure: '' },
      day: { timesMs: [1_000], refused: [], longestHealthMs: 2_000 },
      held: { apiMb: 100, jobsMb: 100, redisMb: 10, restarted: false },
    };
    expect(onlyLate(slow, idle)).toBe(true);
    expect(onlyLate({ ...slow, outcome: { holds: false, figure: '' } }, idle)).toBe(false);
    expect(onlyLate({ ...slow, held: { ...slow.held, apiMb: 900 } }, idle)).toBe(false);
    expect(onlyLate({ ...slow, day: { ...slow.day, refused: ['503'] } }, idle)).toBe(false);
    expect(onlyLate({ ...slow, day: { ...slow.day, timesMs: [] } }, idle)).toBe(false);
    expect(onlyLate({ ...slow, day: { timesMs: [100], refused: [], longestHealthMs: 1 } }, idle)).toBe(false);
  });
});

describe("the attack's name server", () => {
  let server: NameServer;
  let resolver: Resolver;
  beforeAll(async () => {
    server = await startNameServer();
    resolver = new Resolver({ timeout: 200, tries: 1 });
    resolver.setServers([server.address]);
  });
  afterAll(() => server.close());

  it('gives each name what its domain says', async () => {
    expect(await resolver.resolve4('a.good.test')).toEqual([expect.stringMatching(/^9\./)]);
    expect(await resolver.resolve4('A.lower.test')).toEqual([expect.stringMatching(/^9\./)]);
    expect(await resolver.resolve4('any.one.test')).toEqual([ONE_ADDRESS]);
    expect(await resolver.resolve6('a.good.test').catch(({ code }) => code)).toBe('ENODATA');
    expect(await resolver.resolve4('a.nowhere.example').catch(({ code }) => code)).toBe('ENOTFOUND');
    expect(await resolver.resolve4('a.broken.test').catch(({ code }) => code)).toBe('ESERVFAIL');
    expect(await resolver.resolve4('a.silent.test').catch(({ code }) => code)).toBe('ETIMEOUT');
    expect(await resolver.resolve4('a.chain.test')).toContain(CHAIN.own);
  });

  it('gives as many addresses as wanted, over TCP where they are many', async () => {
    for (const count of [3, 4_000]) {
      const addresses = await resolver.resolve4(`x-${count}.many.test`);
      expect(new Set(addresses).size).toBe(count);
    }
  });

  it('counts queries by source port, and those in letters of both cases', async () => {
    server.forget();
    const socket = createSocket('udp4');
    const [host = '', port] = server.address.split(':');
    for (const name of ['PlAiN.good.test', 'plain.good.test']) {
      const answered = once(socket, 'message');
      // Not through the resolver: it writes names in its own way.
      socket.send(dnsPacket.encode({ type: 'query', questions: [{ type: 'A', name }] }), Number(port), host);
      await answered;
    }
    socket.close();
    expect([...server.ports.values()].reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(server.mixed()).toBe(1);
  });
});

describe('the fuzzer', () => {
  const identity = {
    member: 'm',
    admin: 'a',
    project: crypto.randomUUID(),
    otherProject: crypto.randomUUID(),
  };

  it('goes to every route with its own method, and nowhere with what HTTP cannot carry', () => {
    const made = fc.sample(shots(identity), { numRuns: 20_000, seed: 1 });
    for (const { path, method } of ROUTES) {
      const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/?]*')}(\\?|$)`);
      expect(
        made.filter((shot) => shot.method === method && pattern.test(shot.path)).length,
        path,
      ).toBeGreaterThan(5);
    }
    expect(made.filter(({ path }) => !/^\/[\x21-\x7e]*$/.test(path))).toEqual([]);
    expect(
      made.filter(({ headers }) => Object.values(headers).some((value) => /[^\x20-\x7e]/.test(value))),
    ).toEqual([]);
  });

  it('calls growth what the accepted scans do not explain', () => {
    const before = { apiMb: 200, jobsMb: 150, redisMb: 5, keys: 100 };
    expect(growth(before, { ...before, apiMb: 440, keys: 2_000 }, 0)).toEqual([]);
    expect(growth(before, { ...before, keys: 9_000 }, 200)).toEqual([]);
    expect(growth(before, { ...before, keys: 9_000 }, 0)).toEqual([
      expect.stringMatching(/^keys 100 -> 9000/),
    ]);
    expect(growth(before, { ...before, jobsMb: 410 }, 10_000)).toEqual([expect.stringMatching(/^jobsMb/)]);
    expect(growth(before, { ...before, redisMb: 30 }, 0)).toEqual([expect.stringMatching(/^redisMb/)]);
  });
});
