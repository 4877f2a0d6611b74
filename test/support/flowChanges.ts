import type { Broker } from '../../src/adapters/rabbitmq/broker.ts';
import { Turns } from '../../src/jobs/runner/turns.ts';
import type { FlowScene } from './flowScene.ts';

/** What changes of flows work with that send something again. */
export function withTurns(scene: FlowScene) {
  return { ...scene.services, turns: new Turns(scene.stores.turnStore, scene.queues.publish) };
}

/** The same for what applies rules to tasks that are out. */
export function withRules(scene: FlowScene, broker: Broker = scene.services.broker) {
  const { rules, scopeCache } = scene.stages.context;
  return { ...withTurns(scene), broker, rules, scopeCache, installationHash: () => rules.installationHash() };
}
