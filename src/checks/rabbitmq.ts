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

/** What to ask RabbitMQ, and the line to change. */
export const CONSUMER_TIMEOUT_TODO =
  "ask it with rabbitmqctl eval 'application:get_env(rabbit, consumer_timeout).' and, unless it says " +
  `{ok,${CONSUMER_TIMEOUT_MS}} or more, put "consumer_timeout = ${CONSUMER_TIMEOUT_MS}" into rabbitmq.conf`;

/** No client is told of it before it strikes. */
function consumerTimeout(): Finding {
  return {
    what: 'RabbitMQ consumer_timeout',
    state: 'unknown',
    found:
      'RabbitMQ tells no client; by default it closes the channel of a worker whose scan takes longer than 30 minutes, and gives the task out a second time',
    todo: CONSUMER_TIMEOUT_TODO,
  };
}
