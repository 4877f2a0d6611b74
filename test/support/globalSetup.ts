import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../tools/services/postgres.ts';
import { startRabbitmq } from '../../tools/services/rabbitmq.ts';
import { startRedis } from '../../tools/services/redis.ts';
import { certificateAuthority } from './certificate.ts';
import { SERVICES_VARIABLE } from './services.ts';

/** Starts the servers that the tests use, unless somebody has done so and named them in the variable. */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env[SERVICES_VARIABLE]) return async () => {};
  const unhook = endAtSignals();
  const directory = mkdtempSync(join(tmpdir(), 'tasker-test-'));
  const closers: (() => Promise<void>)[] = [];
  const teardown = async () => {
    await Promise.all(closers.map((close) => close()));
    rmSync(directory, { recursive: true, force: true });
    delete process.env[SERVICES_VARIABLE];
    unhook();
  };
  // Killed rather than stopped: nobody wants their data, and RabbitMQ takes seconds to stop.
  const closedByKill = <T extends { kill(): Promise<void> }>(server: T): T => {
    closers.push(server.kill);
    return server;
  };
  const authority = await certificateAuthority();
  const ca = authority.cert;
  // For the address only: by the name of this machine it is a wrong one.
  const shown = { ca, ...(await authority.issue({ commonName: 'stores', altNames: 'IP:127.0.0.1' })) };
  const tls = { ca, ...(await authority.issue({ commonName: 'tasker' })) };
  const results = await Promise.allSettled([
    startRedis({ directory: join(directory, 'redis') }).then(closedByKill),
    startRabbitmq({ directory: join(directory, 'rabbitmq'), management: true, tls: shown }).then(
      closedByKill,
    ),
    startPostgres({ tls: shown }).then((server) => {
      closers.push(server.stop);
      return server;
    }),
  ]);
  const [redis, rabbitmq, postgres] = results.map((result) => result.status === 'fulfilled' && result.value);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    await teardown();
    throw failed.reason;
  }
  process.env[SERVICES_VARIABLE] = JSON.stringify({ redis, rabbitmq, postgres, tls });
  return teardown;
}

/** A signal that nobody handles ends us without the `exit` event, and the servers would stay. */
function endAtSignals(): () => void {
  const exit = () => process.exit(1);
  const signals = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).filter(
    (name) => process.listenerCount(name) === 0,
  );
  for (const name of signals) process.on(name, exit);
  return () => {
    for (const name of signals) process.off(name, exit);
  };
}
