/** Nobody fills Redis for everybody, and a full Redis still takes a stop. */
import type { Redis } from 'ioredis';
import { textAt } from '../client.ts';
import { claim, outcomeOf, type Row, statuses } from '../row.ts';
import { STRICT } from '../scene.ts';

export const quotas: Row = {
  number: 6,
  tried: 'more plans, scans and exclusions than the quotas; a stop and an exclusion while Redis is full',
  mostSeconds: 30,
  async attack(scene) {
    const { attacker, owner, stranger, admin, redis } = await scene.strict();
    const scan = (nth: number) => ({ open_ports_opts: { ports: [String(nth)] } });
    const plans = [];
    for (let nth = 1; nth <= 2 * STRICT.plans; nth++) plans.push(await attacker.plan(['8.8.8.8'], scan(nth)));
    const scans = [];
    for (let nth = 1; nth <= 2 * STRICT.submissions; nth++)
      scans.push(await attacker.run(['9.9.9.0/27'], scan(nth)));
    const hosts = Array.from({ length: 2 * STRICT.exclusions }, (_, i) => `203.0.113.${i + 1}`);
    const excluded = await attacker.inProject('exclusions', {
      method: 'POST',
      body: { hosts, why: 'too many' },
    });
    const other = await owner.plan(['8.8.8.8']);
    const letIn = (replies: { status: number }[]) => replies.filter(({ status }) => status === 200).length;
    const refused = [...plans, ...scans].filter(({ status }) => status !== 200);
    const empty = await fill(redis);
    const full = await attacker.plan(['8.8.8.9']);
    const ready = await stranger.ask('/ready');
    const readyForAdmin = await admin.ask('/ready');
    const exclude = await attacker.inProject('exclusions', {
      method: 'POST',
      body: { hosts: ['9.9.9.1'], why: 'while full' },
    });
    const stop = await attacker.inProject('stop-nmap');
    await empty();
    return outcomeOf(
      claim(
        `${STRICT.plans} plans are let in of ${plans.length} (${statuses(plans)})`,
        letIn(plans) <= STRICT.plans,
      ),
      claim(
        `${STRICT.submissions} scans are let in of ${scans.length} (${statuses(scans)})`,
        // Of the first one all tasks may go out at once: then it is open no more.
        letIn(scans) > 0 && letIn(scans) <= STRICT.submissions + 1,
      ),
      claim(
        'the others get 429 and what to do',
        refused.length > 0 && refused.every(({ status, text }) => status === 429 && text.length > 40),
      ),
      claim(
        `so does a list of ${hosts.length} exclusions (${excluded.status})`,
        [422, 429].includes(excluded.status),
      ),
      claim(`another project is not concerned (${other.status})`, other.status === 200),
      claim(
        `with Redis full: a plan ${full.status}, a stop ${stop.status}`,
        stop.status === 200 && textAt(stop.json, 'status') === 'stopped',
      ),
      claim(`an exclusion ${exclude.status}`, exclude.status === 200),
      claim(
        `/ready says so (${ready.status})`,
        ready.status === 503 || /full|memory/i.test(ready.text + readyForAdmin.text),
      ),
    );
  },
};

/** Fills Redis until it takes nothing more. Gives what undoes it. */
async function fill(redis: Redis): Promise<() => Promise<void>> {
  const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? 0);
  await redis.config('SET', 'maxmemory', String(used + 2 ** 20));
  for (const bytes of [2 ** 18, 2 ** 14, 2 ** 10])
    for (let nth = 0; nth < 2_000; nth++) {
      const stored = await redis.rpush('attack:ballast', 'x'.repeat(bytes)).catch(() => undefined);
      if (stored === undefined) break;
    }
  return async () => {
    await redis.config('SET', 'maxmemory', '0');
    await redis.del('attack:ballast');
  };
}
