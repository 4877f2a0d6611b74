import { randomUUID } from 'node:crypto';
import { updateIp } from '../../adapters/celery/messages.ts';
import type { ProjectDirectory } from '../../adapters/projects/directory.ts';
import type { Broker } from '../../adapters/rabbitmq/broker.ts';
import type { Stores } from '../../adapters/redis/stores.ts';
import type { Logger } from '../../runtime/log.ts';
import { noteDispatch } from './noteDispatch.ts';
import { pauseUnknownProjects } from './pauseUnknownProjects.ts';
import { pingWorkers } from './pingWorkers.ts';

export interface HousekeepingServices extends Stores {
  broker: Broker;
  /** Who knows which projects there are; undefined: every project exists. */
  directory: ProjectDirectory | undefined;
  /** Takes everything of a project back. */
  stopProject(project: string): Promise<unknown>;
  /** Brings stops to their end that began and did not get there. */
  finishStops(): Promise<void>;
  /** Takes out of RabbitMQ what was paused or cancelled and could not be taken out then. */
  finishPauses(): Promise<void>;
  /** Applies new exclusions to what is out. */
  keepOut(): Promise<void>;
  /** Sees to it that tasks that came back are sent again. */
  sendAgain(): Promise<void>;
  /** Sends again what is lost. */
  healLost(): Promise<void>;
  /** Takes out what was begun again and again and never ended. */
  buryDead(): Promise<void>;
  /** Notes which scans are finished. */
  followScans(): Promise<void>;
  /** Sees to it that what workers had in hand at a stop is not scanned by another one. */
  recallTasks(): Promise<void>;
  /** Has webhooks called that have not heard of everything. */
  callWebhooks(): Promise<void>;
  /** Gives submissions their flow that have none, and says which wait for a retry. */
  resumeFlows(): Promise<void>;
  log: Logger;
}

/** Work that repeats by itself, once per installation however many processes run. */
export interface Chore {
  name: string;
  description: string;
  everyMs: number;
  /** Also whenever the service starts; the interval counts from there. */
  atStart?: true;
  run(services: HousekeepingServices): Promise<void>;
}

export const CHORES: readonly Chore[] = [
  pingWorkers,
  {
    name: 'update_ip',
    description: 'At start and every 3,700 s all workers look up their own address.',
    everyMs: 3_700_000,
    atStart: true,
    run: ({ broker }) => broker.broadcast(updateIp(randomUUID())),
  },
  {
    // That could not reach RabbitMQ, or whose process died.
    name: 'finish_stops',
    description: 'Every 5 s stops that could not be finished are finished.',
    everyMs: 5_000,
    run: ({ finishStops }) => finishStops(),
  },
  {
    // A worker that vanishes gives its message back to the queue: when its scan was stopped, it is taken out here.
    name: 'recall_tasks',
    description: 'Every 5 s tasks of stopped scans that workers have in hand are recalled once more.',
    everyMs: 5_000,
    run: ({ recallTasks }) => recallTasks(),
  },
  {
    // A process that died while it took a request in left a submission without jobs: it gets them here.
    name: 'resume_flows',
    description: 'Every 20 s submissions without a flow get it, and those that wait for a retry are logged.',
    everyMs: 20_000,
    run: ({ resumeFlows }) => resumeFlows(),
  },
  {
    // A worker that is killed leaves its entries behind; RabbitMQ gives its tasks to others by itself.
    name: 'forget_gone_workers',
    description: 'Every 15 s what workers left behind that are gone for 90 s is removed.',
    everyMs: 15_000,
    async run({ presence, started, log }) {
      const left = await presence.discover();
      await started.note([...left.values()].flat());
      for (const [worker, entries] of await presence.forgetGone(left))
        log.info({ worker, entries }, 'a worker does not answer any more: its running entries are removed');
    },
  },
  {
    name: 'finish_pauses',
    description: 'Every 5 s what was paused or cancelled while RabbitMQ was away is taken out of it.',
    everyMs: 5_000,
    run: ({ finishPauses }) => finishPauses(),
  },
  {
    name: 'keep_out',
    description: 'Every second new exclusions are applied to tasks that are ready or run.',
    everyMs: 1_000,
    run: ({ keepOut }) => keepOut(),
  },
  {
    // Also where the process died that resumed it.
    name: 'send_again',
    description: 'Every 5 s scans whose tasks came back get a job that sends them again.',
    everyMs: 5_000,
    run: ({ sendAgain }) => sendAgain(),
  },
  {
    // Two looks 25 s apart, after 40 s in which tasks were missing.
    name: 'heal_lost',
    description: 'Every 5 s it is looked whether tasks are lost; those that are for a minute are sent again.',
    everyMs: 5_000,
    run: ({ healLost }) => healLost(),
  },
  {
    name: 'bury_dead',
    description: 'Every 5 s tasks are taken out that were begun three times and never ended.',
    everyMs: 5_000,
    run: ({ buryDead }) => buryDead(),
  },
  {
    name: 'follow_scans',
    description: 'Every 2 s it is looked which scans that were sent are finished.',
    everyMs: 2_000,
    run: ({ followScans }) => followScans(),
  },
  {
    // Also those that a process left behind that died.
    name: 'call_webhooks',
    description: 'Every second webhooks that have not heard of everything get a job that calls them.',
    everyMs: 1_000,
    run: ({ callWebhooks }) => callWebhooks(),
  },
  noteDispatch,
  pauseUnknownProjects,
];
