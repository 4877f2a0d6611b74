import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

export const HOST = '127.0.0.1';

/** Below what the system gives to outgoing connections: one of those could take a free port before its server does. */
const LOWEST = 15_000;
const HIGHEST = 32_000;

/** TCP ports of 127.0.0.1 that nobody listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no free port');
  return port;
}

/** Whether nobody listens on the port, on any address of this machine. */
export async function isFree(port: number): Promise<boolean> {
  try {
    const server = await listening(port, '::').catch(() => listening(port, '0.0.0.0'));
    await new Promise((resolve) => server.close(resolve));
    return true;
  } catch {
    return false;
  }
}

function listening(port: number, host = HOST): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}
