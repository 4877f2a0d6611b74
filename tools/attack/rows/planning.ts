/** One project's plans do not keep another one waiting, and what failed has an end. */
import { textAt } from '../client.ts';
import { claim, outcomeOf, pause, type Row, statuses } from '../row.ts';

/** While others' names are silent. */
const MOST_WAIT_MS = 2_000;

export const silentNames: Row = {
  number: 4,
  tried: 'four plans of 2,000 silent names and one of 10,000, then a stop',
  mostSeconds: 30,
  async attack({ attacker, owner }) {
    const silent = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => `s${from + i}.silent.test`);
    const hungUp = new AbortController();
    const plans = [...[0, 1, 2, 3].map((nth) => silent(nth * 2_000, 2_000)), silent(20_000, 10_000)].map(
      (hosts) =>
        attacker.inProject('plan', {
          method: 'POST',
          signal: hungUp.signal,
          body: {
            hosts,
            open_ports_opts: { ports: ['80'] },
            service_opts: {},
            timeout: 60,
            include_services: false,
            mode: 'append',
          },
        }),
    );
    const ended = Promise.allSettled(plans);
    const waits: number[] = [];
    for (let nth = 0; nth < 5; nth++) {
      await pause(700);
      const { status, ms } = await owner.run([`9.9.8.${nth}`]);
      waits.push(status === 200 ? ms : Number.POSITIVE_INFINITY);
    }
    const stop = await attacker.inProject('stop-nmap');
    const stopped = await Promise.race([ended.then(() => true), pause(5_000).then(() => false)]);
    hungUp.abort();
    await ended;
    const longest = Math.round(Math.max(...waits));
    return outcomeOf(
      claim(`a plain scan of another project is planned in ${longest} ms at most`, longest <= MOST_WAIT_MS),
      claim(
        `a stop ends the plans (${textAt(stop.json, 'status') || stop.status})`,
        stopped && textAt(stop.json, 'status') === 'stopped',
      ),
    );
  },
};

export const failedPlans: Row = {
  number: 7,
  tried: 'a plan that fails: whether it is listed, ends and can be deleted',
  async attack({ attacker, ledger, redis }) {
    ledger.fault = 403;
    const failed = await attacker.plan(['9.9.7.7'], { mode: 'insert' }).finally(() => {
      delete ledger.fault;
    });
    const id = textAt(failed.json, 'plan', 'id');
    // Housekeeping ends what is open and has failed; what is neither open nor expires would stay for ever.
    const isOpen = (await redis.hget('tasker:open', id)) !== null;
    const without = isOpen ? [] : await keysWithoutEnd(redis, id);
    const list = await attacker.inProject('plans');
    const removed = await attacker.inProject(`plan/${id}`, { method: 'DELETE' });
    const after = await attacker.inProject(`plan/${id}`);
    const left = await keysWithoutEnd(redis, id);
    return outcomeOf(
      claim(`it fails (${failed.status}) and has an id`, failed.status === 503 && id !== ''),
      claim(
        `${without.length} of its keys have no end ${without.slice(0, 2).join(' ')}`,
        without.length === 0,
      ),
      claim(
        `it is listed (${list.status}) with its end`,
        list.status === 200 && list.text.includes(id) && /"expires_at":"/.test(list.text),
      ),
      claim(
        `it can be deleted (${statuses([removed, after])})`,
        removed.status < 300 && after.status === 404 && left.length === 0,
      ),
    );
  },
};

/** Keys with the id in their name that have no expiry. */
async function keysWithoutEnd(
  redis: { keys(pattern: string): Promise<string[]>; ttl(key: string): Promise<number> },
  id: string,
): Promise<string[]> {
  if (id === '') return [];
  const keys = await redis.keys(`tasker:*${id}*`);
  const ttls = await Promise.all(keys.map((key) => redis.ttl(key)));
  return keys.filter((_, index) => ttls[index] === -1);
}
