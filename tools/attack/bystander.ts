/**
 * Somebody else's ordinary day, as a process of its own: a round is a plan, its run, the status and a stop of the own
 * project. Answers each message with what happened since the last one. Ends when its parent does.
 */
import { Agent, request } from 'undici';
import type { Day } from './bystanderProcess.ts';
import { at, scanBody, textAt } from './client.ts';

const PAUSE_MS = 50;
const HEALTH_EVERY_MS = 25;
const LAST_PORT = 60_000;

const { ATTACK_URL: url = '', ATTACK_TOKEN: token = '', ATTACK_PROJECT: project = '' } = process.env;
const agent = new Agent();
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

let day: Day = { timesMs: [], refused: [], longestHealthMs: 0 };
let callBegan = performance.now();

async function call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
  callBegan = performance.now();
  const answer = await request(`${url}/tasks/${project}/${path}`, {
    dispatcher: agent,
    method,
    headers,
    body: body ? JSON.stringify(body) : null,
  });
  const text = await answer.body.text();
  if (method !== 'DELETE') day.timesMs.push(performance.now() - callBegan);
  if (answer.statusCode !== 200 && method !== 'DELETE')
    throw new Error(`${method} ${path.split('/')[0]} gave ${answer.statusCode}: ${text.slice(0, 120)}`);
  return text === '' || method === 'DELETE' ? undefined : JSON.parse(text);
}

async function round(nth: number): Promise<string> {
  const ports = [String(1 + (nth % LAST_PORT))];
  const body = scanBody(['9.9.9.9', '8.8.8.0/29'], { open_ports_opts: { ports } });
  const plan = textAt(await call('POST', 'plan', body), 'plan', 'id');
  const run = await call('POST', 'run-nmap', { plan });
  if (at(run, 'summary', 'sent_to_scan') !== 7)
    throw new Error(`run-nmap sent ${JSON.stringify(at(run, 'summary'))}`);
  await call('GET', 'status');
  await call('GET', 'stop-nmap');
  return plan;
}

async function live(): Promise<never> {
  for (let nth = 0; ; nth++) {
    try {
      const plan = await round(nth);
      await call('DELETE', `plan/${plan}`);
    } catch (error) {
      day.refused.push(error instanceof Error ? error.message : String(error));
    }
    await pause(PAUSE_MS);
  }
}

/** How long the API's event loop keeps somebody waiting who wants nothing of it. */
async function watchHealth(): Promise<never> {
  const own = new Agent();
  for (;;) {
    const begun = performance.now();
    const answer = await request(`${url}/health`, { dispatcher: own }).catch(() => undefined);
    await answer?.body.dump();
    if (answer) day.longestHealthMs = Math.max(day.longestHealthMs, performance.now() - begun);
    await pause(HEALTH_EVERY_MS);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

process.on('message', () => {
  // A call that hangs has no end to be counted by.
  const pending = performance.now() - callBegan;
  process.send?.({ ...day, timesMs: pending > 1_000 ? [...day.timesMs, pending] : day.timesMs });
  day = { timesMs: [], refused: [], longestHealthMs: 0 };
});
process.on('disconnect', () => process.exit(0));
await Promise.all([live(), watchHealth()]);
