/** What names can do: many addresses, many names of one address, answers of somebody else. */
import { connect } from 'amqplib';
import { SCAN_EXCHANGE, SCAN_ROUTING_KEY } from '../../../src/adapters/celery/names.ts';
import { services } from '../../../test/support/services.ts';
import { at } from '../client.ts';
import { CHAIN, ONE_ADDRESS } from '../nameServer.ts';
import { claim, outcomeOf, pause, type Row } from '../row.ts';
import { type Scene, STRICT } from '../scene.ts';

export const manyAddresses: Row = {
  number: 11,
  tried: '100 names of 100 addresses under a limit of 100; 200 names of 4,000',
  mostSeconds: 40,
  async attack(scene) {
    const { attacker, names } = scene;
    const strict = await scene.strict();
    const small = Array.from({ length: STRICT.targets }, (_, i) => `n${i}-100.many.test`);
    const overLimit = await strict.attacker.plan(small);
    const large = Array.from({ length: 200 }, (_, i) => `m${i}-4000.many.test`);
    const planned = await attacker.plan(large);
    await attacker.inProject('stop-nmap');
    names.forget();
    return outcomeOf(
      claim(
        `the limit holds when addresses are known (${overLimit.status})`,
        overLimit.status === 422 && /\d{3}/.test(overLimit.text),
      ),
      claim(`the large one is answered (${planned.status})`, [200, 202, 422, 429].includes(planned.status)),
    );
  },
};

/** Names of a task, and what else is in its message. */
const MOST_MESSAGE_BYTES = 80_000;
/** Each list of it is bounded. */
const MOST_ANSWER_BYTES = 150e6;

export const manyNames: Row = {
  number: 12,
  tried: '5,000 names of 60 letters that all lead to one address',
  async attack(scene) {
    const tap = await tapTasks(scene);
    try {
      const hosts = Array.from({ length: 5_000 }, (_, i) => `n${i}.${'a'.repeat(45)}.one.test`);
      const ran = await scene.attacker.run(hosts);
      for (let tries = 0; tries < 50 && tap.largest(ONE_ADDRESS) === 0; tries++) await pause(100);
      const bytes = tap.largest(ONE_ADDRESS);
      const after = await scene.attacker.run(['9.9.6.6']);
      for (let tries = 0; tries < 50 && tap.largest('9.9.6.6') === 0; tries++) await pause(100);
      await scene.attacker.inProject('stop-nmap');
      return outcomeOf(
        claim(`it is planned (${ran.status})`, ran.status === 200),
        claim(`the answer has ${Math.round(ran.text.length / 1e6)} MB`, ran.text.length < MOST_ANSWER_BYTES),
        claim(`its message has ${Math.round(bytes / 1000)} KB`, bytes > 0 && bytes <= MOST_MESSAGE_BYTES),
        claim('the next one goes out', after.status === 200 && tap.largest('9.9.6.6') > 0),
      );
    } finally {
      await tap.close();
    }
  },
};

/** Gets a copy of every task that is published. */
async function tapTasks({ vhost }: Scene) {
  const { host: hostname, port, user: username, password } = services().rabbitmq;
  const connection = await connect({ hostname, port, username, password, vhost, heartbeat: 0 });
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, SCAN_EXCHANGE, SCAN_ROUTING_KEY);
  const sizes = new Map<string, number>();
  await channel.consume(
    queue,
    (message) => {
      if (!message) return;
      const ip = String(at(JSON.parse(message.content.toString()), 0, 0, 'ip'));
      sizes.set(ip, Math.max(sizes.get(ip) ?? 0, message.content.length));
    },
    { noAck: true },
  );
  return { largest: (ip: string) => sizes.get(ip) ?? 0, close: () => connection.close() };
}

const MOST_QUERIES_A_PORT = 100;
const ASKED = 3_000;

export const guessableQueries: Row = {
  number: 19,
  tried: `${ASKED.toLocaleString('en')} names: source ports, case of letters, servers that fold it, records of other names`,
  async attack({ attacker, names }) {
    names.forget();
    const hosts = Array.from({ length: ASKED }, (_, i) => `ask-${i}.good.test`);
    const planned = await attacker.plan(hosts);
    const counts = [...names.ports.values()];
    const queries = counts.reduce((sum, count) => sum + count, 0);
    const mixedShare = names.mixed() / Math.max(1, queries);
    const folded = await attacker.plan(['folded-answer.lower.test']);
    const chained = await attacker.plan(['bait.chain.test']);
    const most = Math.max(0, ...counts);
    return outcomeOf(
      claim(
        `all are found (${planned.status})`,
        at(planned.json, 'summary', 'refused', 'unresolvable') === 0,
      ),
      claim(
        `${queries} queries over ${counts.length} ports, ${most} at most on one`,
        most <= MOST_QUERIES_A_PORT,
      ),
      claim('the ports are in no order', spreadOut([...names.ports.keys()])),
      claim(`${Math.round(100 * mixedShare)} % have letters of both cases`, mixedShare > 0.9),
      claim('a server that folds them is understood', at(folded.json, 'summary', 'resolved_ips') === 1),
      claim(
        'records of other names do not count',
        chained.text.includes(CHAIN.own) && !chained.text.includes(CHAIN.foreign),
      ),
    );
  },
};

/** Fewer than half of the ports lie next to the one before, in the order in which they were seen. */
function spreadOut(ports: readonly number[]): boolean {
  const next = ports.filter((port, index) => index > 0 && Math.abs(port - (ports[index - 1] ?? 0)) <= 4);
  return ports.length > 10 && next.length < ports.length / 2;
}
