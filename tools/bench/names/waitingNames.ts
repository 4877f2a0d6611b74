import { randomUUID } from 'node:crypto';
import { startDnsServer } from '../../../test/support/dnsServer.ts';
import { scan } from '../../../test/support/tasker.ts';
import { type Figure, median, timed } from '../figures.ts';
import { withFullWindow } from '../fullWindow.ts';
import { untilQuiet } from '../processes.ts';

const FEW_SILENT = 200;
const SILENT = 1_000;
const GOOD = 2_000;
const LATENCY_MS = 300;
const ROUNDS = 3;
/** `DNS_TIMEOUT`: what a name without an answer takes, all tries together. */
const DEADLINE_S = 12;

/** Names that nobody answers for, alone and beside names that have an answer after 300 ms; and these alone. */
export async function waitingNames(): Promise<Figure[]> {
  const server = await startNames();
  try {
    const env = { DNS_SERVERS: server.address, DNS_TIMEOUT: String(DEADLINE_S) };
    return await withFullWindow(async ({ tasker }) => {
      const ask = async (hosts: string[]): Promise<Answered> => {
        await untilQuiet(tasker);
        const beganMs = performance.now();
        let resolved = 0;
        const tookMs = await timed(async () => {
          const { status, body } = await tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan(hosts));
          if (status !== 200) throw new Error(`run-nmap gave ${status}`);
          resolved = body.summary.resolved_ips;
        });
        return { deadlines: tookMs / 1_000 / DEADLINE_S, goodMs: server.lastAnswerMs() - beganMs, resolved };
      };
      await ask(server.good());
      const few = await ask(server.silent(FEW_SILENT));
      const alone: Answered[] = [];
      const beside: Answered[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        alone.push(await ask(server.good()));
        beside.push(await ask(mixed(server.good(), server.silent(SILENT))));
      }
      return figuresOf(few, alone, beside);
    }, env);
  } finally {
    await server.stop();
  }
}

interface Answered {
  /** Until the answer, in whole deadlines of one name. */
  deadlines: number;
  /** From the request until the name server has sent its last answer for a good name. */
  goodMs: number;
  /** Names that have an address. */
  resolved: number;
}

function figuresOf(few: Answered, alone: readonly Answered[], beside: readonly Answered[]): Figure[] {
  const what = `${SILENT} silent names and ${GOOD} that take ${LATENCY_MS} ms`;
  const slowest = Math.max(...beside.map(({ deadlines }) => deadlines));
  const lost = [...alone, ...beside].map(({ resolved }) => GOOD - resolved);
  const times = (of: readonly Answered[]) => of.map(({ goodMs }) => goodMs);
  const listed = (of: readonly Answered[]) =>
    times(of)
      .map((ms) => ms.toFixed(0))
      .join(', ');
  const inSeconds = (deadlines: number) =>
    `${(deadlines * DEADLINE_S).toFixed(1)} s, one name ${DEADLINE_S} s`;
  const unit = "x one name's whole deadline";
  return [
    {
      ...{ what: `${FEW_SILENT} silent names`, detail: inSeconds(few.deadlines), unit },
      ...{ value: few.deadlines, limit: { atMost: 1.2 } },
    },
    {
      ...{ what, detail: `slowest of ${ROUNDS}: ${inSeconds(slowest)}`, unit },
      ...{ value: slowest, limit: { atMost: 1.2 } },
    },
    {
      what: `${what}: the good ones are answered`,
      detail: `ms until the last one, ${listed(beside)}; alone ${listed(alone)}`,
      value: median(times(beside)) / median(times(alone)),
      // Half as many names more are sent, at the same names a second.
      limit: { atMost: 1.5 },
      unit: 'x as late as alone',
    },
    {
      what: `${what}: good ones called unresolvable`,
      detail: `alone and beside the silent ones, ${2 * ROUNDS} requests`,
      value: Math.max(...lost),
      limit: { atMost: 0 },
      unit: `of ${GOOD}`,
    },
  ];
}

interface Names {
  address: string;
  /** 2,000 names with an address that nobody has asked for yet. */
  good(): string[];
  /** Names without an answer that nobody has asked for yet. */
  silent(count: number): string[];
  lastAnswerMs(): number;
  stop(): Promise<void>;
}

async function startNames(): Promise<Names> {
  const good = numbered(
    GOOD * (1 + 2 * ROUNDS),
    (n) => `good-${n % GOOD}.set-${Math.floor(n / GOOD)}.bench.test`,
  );
  const silent = numbered(FEW_SILENT + SILENT * ROUNDS, (n) => `www-${n}.silent.test`);
  let lastAnswerMs = 0;
  const asked = new Set<string>();
  const server = await startDnsServer({
    zone: good.map((name, n) => `11.${n >> 16}.${(n >> 8) & 255}.${n & 255} ${name}`),
    behaviours: Object.fromEntries([
      ...good.map((name) => [name, { latencyMs: LATENCY_MS }]),
      ...silent.map((name) => [name, { drop: 'always' }]),
    ]),
    onQuery: (name) => {
      const known = name.toLowerCase();
      // Once more only to see whether the server is there, because others are silent.
      if (!known.startsWith('good-') || asked.has(known)) return;
      asked.add(known);
      lastAnswerMs = performance.now() + LATENCY_MS;
    },
  });
  return {
    address: `${server.address}:${server.port}`,
    good: () => good.splice(0, GOOD),
    silent: (count) => silent.splice(0, count),
    lastAnswerMs: () => lastAnswerMs,
    stop: server.stop,
  };
}

function numbered(count: number, nameOf: (number: number) => string): string[] {
  return Array.from({ length: count }, (_, number) => nameOf(number));
}

/** Spread over each other, as a list of a network would have them. */
function mixed(some: readonly string[], others: readonly string[]): string[] {
  const placed = (names: readonly string[]) =>
    names.map((name, index) => ({ name, at: index / names.length }));
  return [...placed(some), ...placed(others)].sort((a, b) => a.at - b.at).map(({ name }) => name);
}
