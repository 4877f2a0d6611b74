import Joi from 'joi';
import type { Tasker } from './start.ts';

// Public addresses, so that Tasker accepts them; the simulated worker sends no packets to them.
export const SAMPLE = {
  hosts: ['9.9.9.9', '149.112.112.112', '9.9.9.8/29', '9.9.9.9'],
  open_ports_opts: { ports: ['80', '443'], transport_protocol: 'tcp', skip_host_discovery: true },
  service_opts: {},
  timeout: 60,
  include_services: true,
  mode: 'insert',
};

export interface Summary {
  provided: number;
  duplicates_removed: number;
  sent_to_scan: number;
}

export interface Status {
  active_or_queued: number;
  running: number;
  running_targets: { ip: string; worker: string }[];
}

const count = Joi.number().required();
const scanAnswer = Joi.object<{ summary: Summary }>({
  summary: Joi.object({ provided: count, duplicates_removed: count, sent_to_scan: count })
    .unknown()
    .required(),
}).unknown();
const statusAnswer = Joi.object<Status>({
  active_or_queued: count,
  running: count,
  running_targets: Joi.array()
    .items(Joi.object({ ip: Joi.string().required(), worker: Joi.string().required() }).unknown())
    .required(),
}).unknown();

const loginLink = Joi.object<{ code: string }>({ code: Joi.string().required() }).unknown();

/** Posts the sample scan for a project. */
export async function submitSample(tasker: Tasker, project: string): Promise<Summary> {
  const body = await call(tasker, 'POST', `/tasks/${project}/run-nmap`, SAMPLE);
  return Joi.attempt(body, scanAnswer).summary;
}

const POLL_MS = 100;

/** Tells `show` each new status until no task is left. Throws when that takes longer than `timeoutMs`. */
export async function watchScan(
  tasker: Tasker,
  project: string,
  show: (status: Status) => void,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let shown = '';
  for (;;) {
    const status: Status = Joi.attempt(await call(tasker, 'GET', `/tasks/${project}/status`), statusAnswer);
    const text = JSON.stringify(status);
    if (text !== shown) show(status);
    shown = text;
    if (status.active_or_queued === 0 && status.running === 0) return;
    if (Date.now() > deadline)
      throw new Error(`${status.active_or_queued} tasks are left after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A code for one log-in of a browser. */
export async function makeLoginCode(tasker: Tasker): Promise<string> {
  const link = await call(tasker, 'POST', '/session/links');
  return Joi.attempt(link, loginLink).code;
}

/** Takes back what is left of the scan, so that it does not wait in RabbitMQ for a real worker. */
export async function stopSample(tasker: Tasker, project: string): Promise<void> {
  await call(tasker, 'GET', `/tasks/${project}/stop-nmap`, undefined, 5000);
}

async function call(
  tasker: Tasker,
  method: string,
  path: string,
  body?: object,
  timeoutMs = 60_000,
): Promise<unknown> {
  const response = await fetch(tasker.url + path, {
    method,
    headers: { authorization: `Bearer ${tasker.token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} gave ${response.status}: ${text}`);
  return JSON.parse(text);
}
