import type { Chore } from './chores.ts';

/** A worker that is killed leaves its entries behind; RabbitMQ gives its tasks to others by itself. */
export const forgetGoneWorkers: Chore = {
  name: 'forget_gone_workers',
  description: 'Every minute what workers left behind that are gone for 3 minutes is removed.',
  everyMs: 60_000,
  atStart: false,
  async run({ presence, log }) {
    for (const [worker, entries] of await presence.forgetGone())
      log.info({ worker, entries }, 'a worker does not answer any more: its running entries are removed');
  },
};
