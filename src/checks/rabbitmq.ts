import { type Finding, isOlder, ok } from './finding.ts';

/** The oldest one that Tasker is tried with. */
const LEAST_VERSION = '3.10';
/** Two phases of at most a day each, and an hour: as in docker/rabbitmq.conf. */
const CONSUMER_TIMEOUT_MS = 176_400_000;

/** What has to be said of a RabbitMQ of this version that lets us in. */
export function checkRabbitmq(version: string): Finding[] {
  return [rabbitmqVersionFinding(version), consumerTimeout()];
}

function rabbitmqVersionFinding(version: string): Finding {
  const what = 'RabbitMQ version';
  const todo = `run RabbitMQ ${LEAST_VERSION} or newer`;
  const older = isOlder(version, LEAST_VERSION);
  if (older === undefined) return { what, state: 'unknown', found: 'RabbitMQ does not tell', todo };
  return older ? { what, state: 'warning', found: version, todo } : ok(what, version);
}

/** No client is told of it before it strikes. */
function consumerTimeout(): Finding {
  return {
    what: 'RabbitMQ consumer_timeout',
    state: 'unknown',
    found: 'RabbitMQ tells no client; by default it takes a task away from its worker after 30 minutes',
    todo: `see that "consumer_timeout = ${CONSUMER_TIMEOUT_MS}" is in rabbitmq.conf: rabbitmqctl eval 'application:get_env(rabbit, consumer_timeout).'`,
  };
}
