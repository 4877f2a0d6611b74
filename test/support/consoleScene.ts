import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions } from 'playwright-core';
import { type OpenPage, openPage } from './browser.ts';
import { type DnsServer, startDnsServer } from './dnsServer.ts';
import { eventually } from './services.ts';
import { type Installation, ownInstallation, startTasker, type Tasker } from './tasker.ts';

export const PROJECT = '6f1b9a52-6a3e-4d0b-9d57-0d9a3c1f0a11';

/** A Tasker with a worker that sends no packets, and a name server: what somebody at the console needs. */
export interface ConsoleScene {
  tasker: Tasker;
  /** That, and those that were started beside it. */
  taskers: readonly Tasker[];
  installation: Installation;
  /** One more process beside the first. */
  another(): Promise<Tasker>;
  /** The console of the newest process in a browser of its own, logged in by a link that is good for once. */
  open(options?: BrowserContextOptions, url?: string): Promise<OpenPage>;
  close(): Promise<void>;
}

/** @param scanMs how long the worker takes for a target */
export async function consoleScene(scanMs: number, zone: readonly string[] = []): Promise<ConsoleScene> {
  const installation = await ownInstallation();
  const dns = await startDnsServer({ zone });
  const worker = spawn(process.execPath, ['--import', 'tsx', 'tools/simulatedWorker.ts'], {
    env: { ...process.env, ...installation.env, WORKER_HOSTNAME: 'worker-1', SCAN_MS: String(scanMs) },
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: 'ignore',
  });
  const env = {
    ...installation.env,
    DNS_SERVERS: `${dns.address}:${dns.port}`,
    DISPATCH_WINDOW: '4',
    EXCLUDED_HOSTS: '192.0.2.1, 198.51.100.0/24',
  };
  const tasker = await startTasker(env);
  const taskers = [tasker];
  await eventually('the worker is known', async () => {
    const { body } = await tasker.get('/workers');
    return body.workers.length === 1;
  });
  return {
    tasker,
    taskers,
    installation,
    another: async () => {
      const more = await startTasker(env);
      taskers.push(more);
      return more;
    },
    open: (options, url) => openConsole(taskers.at(-1) ?? tasker, options, url),
    close: () => closeAll({ taskers, dns, worker, installation }),
  };
}

/** @param url where the browser finds it */
async function openConsole(
  tasker: Tasker,
  options?: BrowserContextOptions,
  url = tasker.url,
): Promise<OpenPage> {
  const { body } = await tasker.post('/session/links', {});
  const browser = await openPage(options);
  await browser.page.goto(`${url}/#login=${body.code}`);
  await browser.page.getByRole('heading', { name: 'Scans' }).waitFor();
  return browser;
}

interface Parts {
  taskers: readonly Tasker[];
  dns: DnsServer;
  worker: ChildProcess;
  installation: Installation;
}

async function closeAll({ taskers, dns, worker, installation }: Parts): Promise<void> {
  const ended = once(worker, 'exit');
  worker.kill();
  await ended;
  for (const tasker of taskers) await tasker.stop();
  await dns.stop();
  await installation.drop();
}
