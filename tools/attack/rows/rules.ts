/** Small texts that mean very many ranges, and texts that are costly to compare. */
import { at, scanBody } from '../client.ts';
import { claim, outcomeOf, pause, type Row, statuses } from '../row.ts';
import { cpuMs, peakMb } from '../taskerProcess.ts';

const WHY = 'an attack';
/** 65,536 ranges each, when they are written out. */
const patterns = (count: number) =>
  Array.from({ length: count }, (_, i) => `*.*.${1 + (i % 254)}.${1 + Math.floor(i / 254)}`);
/** As many as a project may store. */
const FIT = 15;
const LISTS = 5;
/** The most that stored exclusions may cost a process, whatever they are. */
const MOST_GROWTH_MB = 300;

export const storedPatterns: Row = {
  number: 2,
  mostSeconds: 60,
  tried:
    '2 KB of stored exclusions that mean 13 million ranges, five lists of a million, and plans under them',
  async attack({ attacker, admin, tasker }) {
    const pids = tasker.pids();
    const before = pids.map(peakMb);
    const stored = await attacker.inProject('exclusions', {
      method: 'PUT',
      body: { hosts: patterns(200), why: WHY },
    });
    const planned = await attacker.plan(['8.8.8.8', '9.9.1.1']);
    const fitting = [];
    for (let list = 0; list < LISTS; list++) {
      const hosts = Array.from({ length: FIT }, (_, i) => `*.*.${1 + i}.${1 + list}`);
      fitting.push(
        await attacker.inProject('exclusions', { method: 'PUT', body: { hosts, why: WHY } }),
        await attacker.plan(['8.8.8.8', '9.9.1.1']),
      );
    }
    const grown = pids.map((pid, index) => peakMb(pid) - (before[index] ?? 0));
    await admin.inProject('exclusions', { method: 'PUT', body: { hosts: [] } });
    const after = await attacker.plan(['8.8.8.8']);
    const forbidden = at(planned.json, 'summary', 'refused', 'forbidden');
    return outcomeOf(
      claim(
        `they are stored and hold, or are refused (${stored.status})`,
        stored.status === 422 || (stored.status === 200 && forbidden === 1),
      ),
      claim(
        `five of a million are stored and planned under (${statuses(fitting)})`,
        fitting.every(({ status }) => status === 200),
      ),
      claim(
        `a plan is made meanwhile (${planned.status}) and later (${after.status})`,
        planned.status === 200 && after.status === 200,
      ),
      claim(
        `the processes live and grow by ${grown.join(' and ')} MB`,
        tasker.pids().join() === pids.join() && Math.max(...grown) <= MOST_GROWTH_MB,
      ),
    );
  },
};

export const givenPatterns: Row = {
  number: 3,
  tried: '24 KB of such patterns in the exclude of a plan, 8 KB through the exclusions route',
  async attack({ attacker, admin }) {
    const replies = await Promise.all([
      attacker.plan(['8.8.8.8'], { exclude: patterns(1_900) }),
      attacker.inProject('exclusions', { method: 'POST', body: { hosts: patterns(650), why: WHY } }),
      attacker.plan(patterns(1_900)),
    ]);
    await admin.inProject('exclusions', { method: 'PUT', body: { hosts: [] } });
    return outcomeOf(
      claim(
        `they are refused, or done (${statuses(replies)})`,
        replies.every(({ status }) => [200, 422, 429].includes(status)),
      ),
    );
  },
};

/** Submissions that know the target, and questions about it. */
const EXPLAINED = 4;
const WINDOW_MS = 1_500;
/** Of {@link WINDOW_MS}, beyond what the API does for others anyway. */
const MOST_CPU_AFTERWARDS_MS = 400;

export const costlyQuestions: Row = {
  number: 17,
  tried: 'unknown fields of 64 KB, and questions whose asker hangs up',
  async attack({ attacker, tasker }, begin) {
    const hosts = Array.from({ length: 20_000 }, (_, i) => `11.7.${i >> 7}.${2 * (i & 127)}`);
    for (let nth = 0; nth < EXPLAINED; nth++)
      await attacker.run([...hosts, `q${nth}.good.test`], { open_ports_opts: { ports: [String(nth + 1)] } });
    await attacker.inProject('stop-nmap');
    const [api = 0] = tasker.pids();
    const used = async () => {
      const before = cpuMs(api);
      await pause(WINDOW_MS);
      return cpuMs(api) - before;
    };
    await pause(WINDOW_MS);
    const idle = await used();
    await begin();

    const long = 'exclude_ports'.repeat(5_000);
    const fields = Object.fromEntries(
      Array.from({ length: 150 }, (_, i) => [`exclude_${i}_${'x'.repeat(400)}`, 1]),
    );
    const replies = await Promise.all([
      attacker.inProject('run-nmap', { method: 'POST', body: scanBody([], { [long]: 1 }) }),
      attacker.inProject('run-nmap', { method: 'POST', body: scanBody([], fields) }),
      attacker.plan([`${long}!`]),
      attacker.inProject('exclusions', { method: 'POST', body: { hosts: [], why: WHY, [long]: 1 } }),
    ]);
    await Promise.all(
      Array.from({ length: EXPLAINED }, () =>
        attacker
          .inProject('explain?target=11.7.3.4', { signal: AbortSignal.timeout(50) })
          .catch(() => undefined),
      ),
    );
    const afterwards = (await used()) - idle;
    return outcomeOf(
      claim(
        `long texts are answered (${statuses(replies)})`,
        replies.every(({ status }) => status < 500),
      ),
      claim(
        `after the askers have gone the API works ${Math.max(0, afterwards)} ms more than before`,
        afterwards <= MOST_CPU_AFTERWARDS_MS,
      ),
    );
  },
};
