/** The commands that the documents show are run as they stand, one after another, and give what the documents say. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { eventually, rabbitmqApi } from '../support/services.ts';
import {
  type Installation,
  ownInstallation,
  scan,
  startTasker,
  type Tasker,
  TOKEN,
} from '../support/tasker.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Example {
  document: string;
  /** Where the command begins. */
  line: number;
  command: string;
  /** The block that follows the command, and its language. */
  shown?: { language: string; text: string };
}

/** Blocks that call Tasker, each with the block of data that comes right after it or after one sentence. */
function examplesIn(document: string): Example[] {
  const text = readFileSync(`${root}${document}`, 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(({ 1: language, 2: command = '', index: at }, index) => {
    if (language !== 'sh' || !command.includes('$TASKER')) return [];
    const [, next = '', shown = ''] = blocks[index + 1] ?? [];
    return {
      document,
      line: text.slice(0, at).split('\n').length + 1,
      command,
      ...(['json', 'csv'].includes(next) && { shown: { language: next, text: shown } }),
    };
  });
}

const examples = ['README.md', 'docs/api.md', 'docs/scope.md', 'docs/errors.md'].flatMap(examplesIn);

let installation: Installation;
let dns: DnsServer;
let tasker: Tasker;
let worker: ReturnType<typeof spawn>;
/** What the reader has in the shell: the first three, and ids out of the answers so far. */
let variables: Record<string, string>;

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({ zone: ['9.9.9.9 example.com', '93.184.215.14 example.com'] });
  // A scan lasts longer than the test, so that one is seen running.
  worker = spawn(process.execPath, ['--import', 'tsx', 'tools/simulatedWorker.ts'], {
    env: { ...process.env, ...installation.env, WORKER_HOSTNAME: 'worker-1', SCAN_MS: '600000' },
    cwd: root,
    stdio: 'ignore',
  });
  // It tells its address when it is asked for it, which Tasker does when it starts.
  await eventually('the worker listens', async () => {
    const consumers = (await rabbitmqApi('GET', `consumers/${installation.vhost}`)) as object[];
    return consumers.length >= 3;
  });
  tasker = await startTasker({ ...installation.env, DNS_SERVERS: `${dns.address}:${dns.port}` });
  variables = { TASKER: tasker.url, TOKEN };
  await eventually('the worker is known', async () => {
    const { body } = await tasker.get('/workers/ips');
    const { last_seen, last_updated } = body.workers['worker-1'] ?? {};
    return last_seen > 0 && last_updated > 0;
  });
});

afterAll(async () => {
  worker?.kill();
  await tasker?.stop();
  await dns?.stop();
  await installation?.drop();
});

/** Runs it as a shell does, with the variables of the reader; what it assigns stays for the next one. */
async function run(command: string): Promise<string> {
  for (const [, name = '', value = ''] of command.matchAll(/^([A-Z]+)=(\S+)$/gm)) variables[name] = value;
  const shell = spawn('bash', ['-euc', command], {
    env: { PATH: process.env.PATH ?? '', ...variables },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  for await (const piece of shell.stdout) output += piece;
  return output;
}

/** What differs from run to run, as a word; both sides go through it. */
function steady(key: string, value: unknown): unknown {
  if (typeof value === 'number' && value > 1e9) return 'a time';
  // Which one runs first is up to the order of sending.
  if (key === 'running_targets') return (value as object[]).map((target) => Object.keys(target).sort());
  if (typeof value !== 'string') return value;
  if (['dispatching', 'done', 'finished'].includes(value)) return 'dispatching or later';
  if (['waiting', 'queued', 'running'].includes(value)) return 'accepted';
  return value
    .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'an id')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time');
}

const linesOf = (text: string) => text.replaceAll('\r', '').trim().split('\n');
const steadyLines = (text: string) =>
  linesOf(text).map((line) => line.split(',').map((cell) => steady('', cell)));

function expectShown({ shown }: Example, output: string): void {
  if (shown?.language === 'csv') expect(steadyLines(output).sort()).toEqual(steadyLines(shown.text).sort());
  else if (shown) expect(JSON.parse(output, steady)).toEqual(JSON.parse(shown.text, steady));
  else expect(JSON.parse(output)).not.toHaveProperty('detail');
}

/** Ids that later examples ask for. */
function remember(output: string): void {
  const { plan, submission, receipt } = output.startsWith('{') ? JSON.parse(output) : {};
  if (plan?.id) variables.PLAN = plan.id;
  if (receipt?.id) variables.RECEIPT = receipt.id;
  if (submission?.id) variables.SUBMISSION = submission.id;
}

it('there are some in each document', () => {
  expect(new Set(examples.map(({ document }) => document)).size).toBe(4);
  expect(examples.filter(({ shown }) => shown).length).toBeGreaterThan(5);
});

for (const example of examples) {
  it(`the command in line ${example.line} of ${example.document} gives what is shown there`, async () => {
    const attempt = async () => {
      const output = await run(example.command);
      expect(output).not.toBe('');
      remember(output);
      expectShown(example, output);
    };
    // What only reads may be asked again: a task that was sent does not run at once.
    if (/ -X | -d /.test(example.command)) await attempt();
    else await vi.waitFor(attempt, { timeout: 20_000, interval: 200 });
  });
}

/** What stands as code in a column of the first table under a heading of docs/targets.md. */
function notationsUnder(heading: string): string[] {
  const text = readFileSync(`${root}docs/targets.md`, 'utf8');
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const rows = section.split('\n## ')[0]?.match(/^\| (?!what|notation|---).*$/gm) ?? [];
  const cells = rows.map((row) => row.split(/ \| /)[1]?.replaceAll('\\|', '|') ?? '');
  return cells.flatMap((cell) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, code = '']) => code));
}

const planOf = (entry: string) =>
  tasker.post('/tasks/6f1b9a52-6a3e-4d0b-9d57-0d9a3c1f0a11/plan', scan([entry], { ip_version: '4' }));

it('every notation that docs/targets.md shows is read', async () => {
  const notations = notationsUnder('Notations');
  expect(notations.length).toBeGreaterThan(12);
  for (const entry of notations)
    expect({ entry, status: (await planOf(entry)).status }).toEqual({ entry, status: 200 });
});

it('every entry that docs/targets.md calls refused is refused', async () => {
  const refused = notationsUnder('What is refused');
  expect(refused.length).toBeGreaterThan(25);
  for (const entry of refused)
    expect({ entry, status: (await planOf(entry)).status }).toEqual({ entry, status: 422 });
});
