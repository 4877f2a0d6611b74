/** Names that tell other addresses each time, sent batch by batch, with tries that break off. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MoveNote } from '../../../src/adapters/dispatch/moveNotes.ts';
import { decideMoves } from '../../../src/jobs/publish/moves.ts';
import type { Ground, NamedTarget, NameNow } from '../../../src/jobs/publish/moveTerms.ts';
import { parseAddress } from '../../../src/targets/address/address.ts';

const ADDRESSES = 8;
const ips = Array.from({ length: ADDRESSES }, (_, index) => `11.0.0.${index + 1}`);
const someIps = (minLength: number) => fc.subarray(ips, { minLength });

interface Named {
  /** What it led to when it was planned. */
  before: string[];
  /** What it tells at each later look; the last one from then on. Empty: it is gone. */
  later: string[][];
}

const named = (changing: boolean): fc.Arbitrary<Named> =>
  fc.record({
    before: fc.subarray(ips, { minLength: 1, maxLength: 3 }),
    later: fc.array(someIps(0), { minLength: 1, maxLength: changing ? 4 : 1 }),
  });

const scans = (changing: boolean) =>
  fc.record({
    names: fc.array(named(changing), { minLength: 1, maxLength: 5 }),
    parts: fc.integer({ min: 1, max: 2 }),
    allowed: someIps(1),
    listed: fc.subarray(ips, { maxLength: 1 }),
    known: fc.subarray(ips, { maxLength: 1 }),
    /** The order in which targets are sent; each number: where the next one stands among those that are left. */
    order: fc.array(fc.nat(100), { minLength: 2 * ADDRESSES, maxLength: 2 * ADDRESSES }),
    perBatch: fc.integer({ min: 1, max: 3 }),
    /** Which batches are tried twice. */
    broken: fc.array(fc.boolean(), { minLength: 2 * ADDRESSES, maxLength: 2 * ADDRESSES }),
  });

type Scan = typeof scans extends (changing: boolean) => fc.Arbitrary<infer Value> ? Value : never;

/** Sends everything, and gives what was sent in the end: for each task the batches that it left with. */
function sendAll({ names, parts, allowed, listed, known, order, perBatch, broken }: Scan) {
  const hostnames = new Map<string, string[]>();
  for (const [index, { before }] of names.entries())
    for (const ip of before)
      if (!known.includes(ip)) hostnames.set(ip, [...(hostnames.get(ip) ?? []), `n${index}`]);
  const left = [...hostnames.keys()].flatMap((ip) =>
    Array.from({ length: parts }, (_, part) => ({ ip, part })),
  );
  const pairs = order.flatMap((place) => left.splice(place % Math.max(1, left.length), 1));
  const looks = new Map<string, number>();
  const ledTo = new Map<string, Set<string>>();
  const notes = new Map<string, MoveNote>();
  const sent = new Map<string, Set<number>>();
  let taskCount = 0;

  const look = (): Ground => {
    const seen = new Map<string, NameNow>();
    return {
      parts,
      allows: (ip) => allowed.includes(ip),
      decided: (ip) => (known.includes(ip) ? 'known' : hostnames.has(ip) ? 'planned' : undefined),
      now(name) {
        const before = seen.get(name);
        if (before) return before;
        const { later = [] } = names[Number(name.slice(1))] ?? {};
        const nth = looks.get(name) ?? 0;
        looks.set(name, nth + 1);
        const addresses = later[Math.min(nth, later.length - 1)] ?? [];
        const open = addresses.filter((ip) => allowed.includes(ip));
        if (open.length > 0) ledTo.set(name, new Set([...(ledTo.get(name) ?? []), ...open]));
        const now = { leadsTo: (ip: string) => addresses.includes(ip), open };
        seen.set(name, now);
        return now;
      },
    };
  };

  for (let batch = 0; batch * perBatch < pairs.length; batch++) {
    const slice = pairs.slice(batch * perBatch, (batch + 1) * perBatch);
    const targets = [...new Set(slice.map(({ ip }) => ip))].map((ip): NamedTarget => {
      const own = slice.filter((pair) => pair.ip === ip).map(({ part }) => part);
      const refusal = allowed.includes(ip)
        ? undefined
        : {
            reason: 'private_ip' as const,
            detail: { rule: 'special_purpose' as const, source: '', entry: '' },
          };
      const isListed = listed.includes(ip);
      return {
        address: parseAddress(ip) ?? 0,
        ip,
        hostnames: hostnames.get(ip) ?? [],
        parts: own,
        isListed,
        refusal,
      };
    });
    for (let tries = broken[batch] ? 2 : 1; tries > 0; tries--) {
      const { verdicts, moved, withdrawn, changes } = decideMoves(targets, notes, look());
      for (const [ip, note] of changes) notes.set(ip, note);
      const tasks = [
        ...verdicts.flatMap(({ target, hostnames: kept }) => (kept ? [target] : [])),
        ...moved,
      ].flatMap(({ ip, parts: own }) => own.map((part) => `${ip} ${part}`));
      expect(new Set(tasks).size, 'no task twice in a batch').toBe(tasks.length);
      for (const { ip, parts: own } of withdrawn)
        for (const part of own) sent.get(`${ip} ${part}`)?.delete(batch);
      for (const task of tasks) sent.set(task, new Set([...(sent.get(task) ?? []), batch]));
      taskCount += tasks.length;
    }
  }
  const out = [...sent].filter(([, batches]) => batches.size > 0);
  return {
    out,
    ips: new Set(out.map(([task]) => task.split(' ')[0] ?? '')),
    ledTo,
    notes,
    taskCount,
    hostnames,
  };
}

const RUNS = { numRuns: 1_000 };

it('every name that leads to something allowed has a task there', () => {
  fc.assert(
    fc.property(scans(false), (scan) => {
      const { ips: scanned } = sendAll(scan);
      for (const { before, later } of scan.names) {
        const open = later[0]?.filter((ip) => scan.allowed.includes(ip)) ?? [];
        const isPlanned = before.some((ip) => !scan.known.includes(ip));
        if (!isPlanned || open.length === 0 || open.some((ip) => scan.known.includes(ip))) continue;
        expect(open.some((ip) => scanned.has(ip))).toBe(true);
      }
    }),
    RUNS,
  );
});

it('a name that leads to something else each time has a task where it once led', () => {
  fc.assert(
    fc.property(scans(true), (scan) => {
      const { ips: scanned, ledTo } = sendAll({ ...scan, known: [] });
      for (const [index, { later }] of scan.names.entries()) {
        if (!later.every((ips) => ips.some((ip) => scan.allowed.includes(ip)))) continue;
        expect([...(ledTo.get(`n${index}`) ?? [])].some((ip) => scanned.has(ip))).toBe(true);
      }
    }),
    RUNS,
  );
});

it('no task goes out with two batches, and none to what is not allowed, whatever the names tell each time', () => {
  fc.assert(
    fc.property(scans(true), (scan) => {
      const { out } = sendAll(scan);
      for (const [task, batches] of out) {
        expect(batches.size, task).toBe(1);
        expect(scan.allowed).toContain(task.split(' ')[0]);
      }
    }),
    RUNS,
  );
});

it('a task that moved is noted with the address in whose place it is, and with the names that lead there', () => {
  fc.assert(
    fc.property(scans(true), (scan) => {
      const { out, notes, hostnames, ledTo } = sendAll(scan);
      const planned = new Set(hostnames.keys());
      for (const [task] of out) {
        const [ip = '', part = ''] = task.split(' ');
        const note = notes.get(ip);
        if (!planned.has(ip)) expect(note?.parts).toContain(Number(part));
        if (note?.from === undefined) continue;
        expect(planned.has(note.from)).toBe(true);
        for (const name of note.names ?? []) expect(ledTo.get(name)?.has(ip)).toBe(true);
      }
    }),
    RUNS,
  );
});

it('names without a change keep their addresses, and nothing is noted', () => {
  fc.assert(
    fc.property(scans(false), (scan) => {
      const names = scan.names.map(({ before }) => ({ before, later: [before] }));
      const { out, notes, hostnames } = sendAll({ ...scan, names, allowed: ips, listed: [] });
      expect(out).toHaveLength(hostnames.size * scan.parts);
      expect([...notes.values()]).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
