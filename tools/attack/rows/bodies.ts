/** Bodies and answers that are larger than they look. */
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { textAt } from '../client.ts';
import { usedMb } from '../memory.ts';
import { claim, outcomeOf, pause, type Row, statuses } from '../row.ts';
import type { Scene } from '../scene.ts';

const MOST_REDIS_GROWTH_MB = 20;

export const longPorts: Row = {
  number: 5,
  tried: '250,000 equal ports, 20,000 different ones, for a /24',
  async attack({ attacker, redis }) {
    const before = await usedMb(redis);
    const lists = [
      Array.from({ length: 250_000 }, () => '80'),
      // Each is a port, together they are more than a worker's key may hold.
      Array.from({ length: 20_000 }, (_, i) => String(10_000 + i)),
    ];
    const replies = await Promise.all(
      lists.map((ports) => attacker.run(['8.8.3.0/24'], { open_ports_opts: { ports } })),
    );
    await pause(500);
    const grown = (await usedMb(redis)) - before;
    await attacker.inProject('stop-nmap');
    return outcomeOf(
      claim(
        `both are refused (${statuses(replies)})`,
        replies.every(({ status }) => status === 422),
      ),
      claim(`Redis grows by ${grown} MB`, grown <= MOST_REDIS_GROWTH_MB),
    );
  },
};

const STALLED = 30;
/** A stalled write ends 30 s after the answer was made, and is looked for every 5 s. */
const PATIENCE_MS = 46_000;

export const stalledReaders: Row = {
  number: 8,
  tried: `${STALLED} clients that ask for a large plan and do not read it`,
  mostSeconds: 75,
  async attack(scene, begin) {
    // An answer must be longer than the sockets of both sides hold, some 10 MB: it repeats each entry as it was typed.
    const long = (octet: number) => Array.from({ length: 80 }, () => octet).join(',');
    const hosts = Array.from(
      { length: 40_000 },
      (_, i) => `11.${3 + (i >> 15)}.${(i >> 7) & 255}.${long(2 * (i & 127))}`,
    );
    const made = await scene.attacker.plan(['11.0.0.0/12', ...hosts]);
    const plan = textAt(made.json, 'plan', 'id');
    await begin();
    const sockets = Array.from({ length: STALLED }, () => ask(scene, plan));
    await pause(PATIENCE_MS);
    const ends = await Promise.all(sockets.map((socket) => endOf(socket, made.text.length)));
    const turnedAway = ends.filter((end) => end === 'turned away').length;
    const givenUp = ends.filter((end) => end === 'given up').length;
    return outcomeOf(
      claim(
        `a plan of ${(made.text.length / 1e6).toFixed(0)} MB was made (${made.status})`,
        made.status === 200,
      ),
      claim(
        `of ${STALLED} answers ${givenUp} were given up when nobody read them, ${turnedAway} found no room (503)`,
        givenUp > 0 && givenUp + turnedAway === STALLED,
      ),
    );
  },
};

function ask({ tasker, attacker, projects }: Scene, plan: string): Socket {
  const socket = connect(tasker.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    `GET /tasks/${projects.attacker}/plan/${plan} HTTP/1.1\r\nHost: attack\r\nAuthorization: Bearer ${attacker.token}\r\n\r\n`,
  );
  socket.pause();
  return socket;
}

/** Reads on, and says how it went. `whole`: the answer was held until somebody read it after all. */
async function endOf(socket: Socket, bytes: number): Promise<'given up' | 'turned away' | 'whole'> {
  let received = 0;
  let head = '';
  const closed = new Promise<boolean>((done) => {
    socket.on('close', () => done(true));
    socket.on('end', () => done(true));
  });
  socket.on('data', (data: Buffer) => {
    if (received === 0) head = data.toString('latin1', 0, 12);
    received += data.length;
  });
  socket.resume();
  const ended = await Promise.race([closed, pause(3_000).then(() => false)]);
  socket.destroy();
  if (head === 'HTTP/1.1 503') return 'turned away';
  return ended && received < bytes ? 'given up' : 'whole';
}

export const bombs: Row = {
  number: 9,
  tried: '40 gzips of 32 KB at once, 32 MB of JSON each, and 12 such bodies that are not compressed',
  async attack({ attacker }, begin) {
    const json = Buffer.from(`{"hosts":[${' '.repeat(31 * 2 ** 20)}]}`);
    const body = gzipSync(json, { level: 9 });
    await begin();
    const headers = { 'content-encoding': 'gzip' };
    const zipped = await Promise.all(
      Array.from({ length: 40 }, () =>
        attacker
          .inProject('run-nmap', { method: 'POST', body, headers })
          .catch(() => ({ status: 0, headers: {} })),
      ),
    );
    const plain = await Promise.all(
      Array.from({ length: 12 }, () =>
        attacker.inProject('plan', { method: 'POST', body: json }).catch(() => ({ status: 0, headers: {} })),
      ),
    );
    const all = [...zipped, ...plain];
    const turnedAway = all.filter(({ status }) => status === 503);
    return outcomeOf(
      claim(
        `the gzips are refused (${statuses(zipped)})`,
        zipped.every(({ status }) => [0, 400, 413, 415, 422, 429, 503].includes(status)),
      ),
      claim(
        `the others too (${statuses(plain)})`,
        plain.every(({ status }) => status !== 200 && status !== 500),
      ),
      claim(
        `${turnedAway.length} hear when to come back`,
        turnedAway.every((reply) => 'retry-after' in reply.headers),
      ),
    );
  },
};
