/** Requests that mean harm: each gets a clear answer, in bounded memory, and others are answered meanwhile. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

const MOST_GROWN_MB = 300;
let installation: Installation;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker({ ...installation.env, DISPATCH_WINDOW: '1' });
});

afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
});

const run = (hosts: string[], more: object = {}) =>
  tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan(hosts, { ...more }));

/** Resident memory of the service, and of its jobs process. */
function residentMb(): number[] {
  const pid = tasker.process.pid;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return [pid, ...children].map((each) => {
    const status = readFileSync(`/proc/${each}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  });
}

/** Asks for the health of the service again and again while `work` goes on, and watches the memory of each process. */
async function meanwhile<T>(work: Promise<T>): Promise<{ result: T; answers: number; grownMb: number }> {
  const before = residentMb();
  let done = false;
  let answers = 0;
  let grownMb = 0;
  const watch = async () => {
    while (!done) {
      const { status } = await tasker.get('/health');
      if (status === 200 && !done) answers += 1;
      grownMb = Math.max(grownMb, ...residentMb().map((mb, index) => mb - (before[index] ?? 0)));
    }
  };
  const [result] = await Promise.all([
    work.finally(() => {
      done = true;
    }),
    watch(),
  ]);
  return { result, answers, grownMb };
}

describe('lists that are too long, or look so', () => {
  it('a million addresses are taken, and others are answered meanwhile', async () => {
    const hosts = Array.from({ length: 1_000_000 }, (_, i) => {
      const host = (i * 7_919 * 2) % 2 ** 21;
      return `11.${host >> 16}.${(host >> 8) & 255}.${host & 255}`;
    });
    const { result, answers, grownMb } = await meanwhile(run(hosts));
    expect(result.status).toBe(200);
    expect(result.body.summary).toMatchObject({ provided: 1_000_000, sent_to_scan: 1_000_000 });
    expect(answers).toBeGreaterThan(10);
    expect(grownMb).toBeLessThan(MOST_GROWN_MB);
  });

  it('a million bad entries are counted, and the first thousand named', async () => {
    const { result, answers } = await meanwhile(run(Array.from({ length: 1_000_000 }, () => '10.1')));
    expect(result.status).toBe(422);
    expect(result.body.detail).toHaveLength(1_000);
    expect(result.body.errors_total).toBe(1_000_000);
    expect(answers).toBeGreaterThan(1);
  });

  it.each([
    ['of letters', 'a'.repeat(30 * 2 ** 20)],
    ['of octets', '1,'.repeat(15 * 2 ** 20)],
    ['of commas', ','.repeat(30 * 2 ** 20)],
    ['of hyphens', '1-'.repeat(15 * 2 ** 20)],
  ])('a line of 30 MB %s is refused', async (_, line) => {
    const { result, grownMb } = await meanwhile(run([line]));
    expect(result.status).toBe(422);
    expect(JSON.stringify(result.body).length).toBeLessThan(1_000_000);
    expect(grownMb).toBeLessThan(MOST_GROWN_MB);
  });

  it.each(['0.0.0.0/0', '::/0', '0.0.0.0-255.255.255.255', '*.*.*.*', '2000::/3'])(
    '%s is refused with the number of its targets',
    async (host) => {
      const { status, body } = await run([host]);
      expect(status).toBe(422);
      expect(body.detail[0].msg).toMatch(/come to \d{10,} targets; the limit is 16777216/);
    },
  );

  it('octet forms that come to millions of ranges are refused before they are made', async () => {
    const { result, grownMb } = await meanwhile(run(['*.*.*.1,3,5', '1-255.*.*.*']));
    expect(result.status).toBe(422);
    expect(result.body.detail[0].msg).toMatch(/50331648 separate ranges/);
    const forms = Array.from({ length: 500 }, (_, i) => `${(i % 200) + 1}.*.*.${i % 250}`);
    const many = await meanwhile(run(forms));
    expect(many.result.status).toBe(422);
    expect(many.result.body.detail[0].msg).toMatch(/separate addresses and ranges/);
    expect(Math.max(grownMb, many.grownMb)).toBeLessThan(MOST_GROWN_MB);
  });

  it('twenty thousand exclusions hold, and more are refused', async () => {
    const exclude = Array.from({ length: 20_000 }, (_, i) => `11.${i >> 8}.${i & 255}.77`);
    const { result } = await meanwhile(run(['11.0.0.0/9'], { exclude }));
    expect(result.body.summary.refused.forbidden).toBe(20_000);
    const more = await run(['11.0.0.0/30'], { exclude: [...exclude, '12.0.0.1'] });
    expect(more.status).toBe(422);
    expect(more.body.detail[0].loc).toEqual(['body', 'exclude']);
  });
});

it('text that is made to be misread is refused entry by entry, and nothing of it is scanned', async () => {
  const hosts = [
    `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(62)}`,
    'exa\u202emoc.elpm',
    'ex\u200bample.test',
    'p\u0430ypal.test',
    '8.8.8.8\u0000.test',
    '8.8.8\uff0e8',
    '\u0668.8.8.8',
    'http://8.8.8.8@9.9.9.9/',
    '8.8.8.8%eth0',
    'fe80::1%lo',
    '0x8.8.8.8',
    '010.8.8.8',
    '134744072',
    '[::1]:80',
    '../../etc/passwd',
    '$(id).test',
    '-oN=/tmp/x',
    '--script=x',
  ];
  const { status, body } = await run(hosts);
  expect(status).toBe(422);
  expect(body.detail.map(({ loc }: { loc: unknown[] }) => loc[2])).toEqual(hosts.map((_, index) => index));
  const skipped = await run([...hosts, '11.0.0.1'], { on_invalid: 'skip' });
  expect(skipped.body).toMatchObject({ summary: { sent_to_scan: 1, refused: { other: hosts.length } } });
  expect(skipped.body.invalid_entries).toHaveLength(hosts.length);
});
