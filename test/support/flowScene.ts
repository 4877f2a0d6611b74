import type { FlowProducer, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { createResolver } from '../../src/adapters/dns/resolver.ts';
import { createStores, type Stores } from '../../src/adapters/redis/stores.ts';
import type { DispatchWindow } from '../../src/config/formats.ts';
import type { FlowServices } from '../../src/flows/flowServices.ts';
import { closeQueues, openProducer, openQueues } from '../../src/flows/queues.ts';
import { resumeFlows } from '../../src/flows/resumeFlows.ts';
import { FLOW, flowFrom } from '../../src/flows/tree.ts';
import { Room } from '../../src/jobs/publish/room.ts';
import { type RunningJobs, runJobs } from '../../src/jobs/runner/runJobs.ts';
import type { Stage } from '../../src/jobs/runner/stage.ts';
import { Turns } from '../../src/jobs/runner/turns.ts';
import type { NewSubmission, Progress, StageName } from '../../src/model/submission.ts';
import { linesLog } from './broker.ts';
import { eventually, services } from './services.ts';
import { type StageScene, stageScene } from './stageContext.ts';

export interface FlowScene {
  stages: StageScene;
  /** Never gives up on a command, as workers need it. */
  redis: Redis;
  stores: Stores;
  queues: Record<StageName, Queue>;
  producer: FlowProducer;
  /** What changes of flows work with. */
  services: FlowServices;
  /** Everything that is logged. */
  lines: string[];
  /** Stores a submission and adds its flow. */
  submit(submission?: Partial<NewSubmission>): Promise<string>;
  /** Runs the jobs, `instead` in the place of the stages of that name, with so much room in the window (0: any). */
  runJobs(instead?: Partial<Record<StageName, Partial<Stage>>>, window?: DispatchWindow): RunningJobs;
  /** What the chore of that name does. */
  resumeFlows(nowMs?: number): Promise<void>;
  progress(id: string): Promise<Progress>;
  untilState(id: string, state: Progress['state']): Promise<Progress>;
  close(): Promise<void>;
}

/** Whole flows on real servers, in this process. */
export async function flowScene(resolver = createResolver()): Promise<FlowScene> {
  const stages = await stageScene(resolver);
  const { db = 0 } = stages.redis.options;
  const redis = new Redis({ ...services().redis, db, maxRetriesPerRequest: null });
  const queues = openQueues(redis);
  const producer = openProducer(redis);
  const stores = createStores(redis, stages.context.compute);
  const { log, lines } = linesLog();
  const flowServices = { ...stores, redis, broker: stages.context.broker, producer, queues, log };
  const told = new Set<string>();
  const running: RunningJobs[] = [];
  const progress = async (id: string) => {
    const found = await stores.view.progress(id);
    if (!found) throw new Error(`nothing is kept of ${id}`);
    return found;
  };
  return {
    stages,
    redis,
    stores,
    queues,
    producer,
    services: flowServices,
    lines,
    async submit(submission) {
      const id = await stages.begin(submission);
      await producer.add(flowFrom('expand', id));
      return id;
    },
    runJobs(instead = {}, window: DispatchWindow = 0) {
      const own = Object.values(FLOW).map((stage) => [stage.name, { ...stage, ...instead[stage.name] }]);
      const jobs = runJobs({
        stages: Object.fromEntries(own) as typeof FLOW,
        queues,
        redis,
        services: {
          ...stages.context,
          turns: new Turns(stores.turnStore, queues.publish),
          room: new Room({ ...stages.context, dispatchWindow: window }),
        },
        log,
      });
      running.push(jobs);
      return jobs;
    },
    resumeFlows: (nowMs) => resumeFlows(flowServices, told, nowMs),
    progress,
    untilState: (id, state) =>
      eventually(`${id} is ${state}`, async () => {
        const now = await progress(id);
        return now.state === state && now;
      }),
    async close() {
      for (const jobs of running) await jobs.close();
      await producer.close();
      await closeQueues(queues);
      redis.disconnect();
      resolver.close();
      await stages.close();
    },
  };
}
