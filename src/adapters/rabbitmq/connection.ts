import { setTimeout as sleep } from 'node:timers/promises';
import { type ChannelModel, connect } from 'amqplib';
import pTimeout from 'p-timeout';
import type { RabbitmqConfig } from '../../config/config.ts';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { connectionTrouble } from '../tls/trouble.ts';

const HEARTBEAT_SECONDS = 30;
const HANDSHAKE_MS = 5_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/** What RabbitMQ says when it is there and does not want us: an operator has to know, also in the middle of an outage. */
const REFUSAL = /ACCESS[-_]REFUSED|NOT[-_]ALLOWED|PRECONDITION[-_]FAILED/;

/**
 * Rejects with a ServiceUnavailableError when `promise` takes longer, and with the signal's reason as soon as that is
 * aborted. The call itself goes on; its outcome is dropped.
 */
export function within<T>(
  milliseconds: number,
  what: string,
  promise: Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const reason = `RabbitMQ did not answer in ${milliseconds} ms: ${what}`;
  const message = new ServiceUnavailableError('rabbitmq', reason);
  return pTimeout(promise, { milliseconds, message, ...(signal && { signal }) });
}

/**
 * Holds one connection to RabbitMQ, and opens another one whenever it is lost, for as long as it takes.
 *
 * @param open declares and opens what hangs on a new connection. Called after every connect; a rejection closes the
 * connection and counts as a failed attempt. `drop` gives the connection up, so that a new one is opened.
 */
export function keepConnected<S>(
  config: RabbitmqConfig,
  log: Logger,
  open: (model: ChannelModel, drop: (reason: string) => void) => Promise<S>,
) {
  const stop = new AbortController();
  const outage = outageLog(config, log);
  let session: S | undefined;
  let giveUp: (reason: string) => void = () => {};

  /** One connection from its handshake to its end; the result says why it ended. */
  async function live(): Promise<string> {
    const model = await handshake(config, stop.signal);
    const lost = new Promise<string>((resolve) => {
      giveUp = resolve;
      model.once('close', (error?: Error) => resolve(error ? messageOf(error) : 'the connection was closed'));
    });
    model.on('error', () => {}); // 'close' follows and carries the reason
    try {
      const opened = await within(2 * HANDSHAKE_MS, 'declare the topology', open(model, giveUp));
      if (stop.signal.aborted) return 'closing';
      session = opened;
      outage.over();
      return await lost;
    } finally {
      session = undefined;
      await within(1_000, 'close', model.close()).catch(() => {});
    }
  }

  async function run(): Promise<void> {
    let waitMs = FIRST_RETRY_MS;
    while (!stop.signal.aborted) {
      try {
        const reason = await live();
        if (!stop.signal.aborted) outage.began(reason);
        waitMs = FIRST_RETRY_MS;
      } catch (error) {
        outage.began(messageOf(error));
        waitMs = Math.min(2 * waitMs, LAST_RETRY_MS);
      }
      await sleep(waitMs, undefined, { signal: stop.signal }).catch(() => {});
    }
  }

  const ended = run();
  return {
    /** undefined while RabbitMQ is away. */
    get session() {
      return session;
    },
    close(): Promise<void> {
      stop.abort();
      giveUp('closing');
      return ended;
    },
  };
}

/**
 * Asks one node after the other.
 * @throws Error that says of each what it has against us, without any secret
 */
export async function handshake(config: RabbitmqConfig, signal?: AbortSignal): Promise<ChannelModel> {
  const nodes = nodesOf(config);
  const reasons: string[] = [];
  for (const node of nodes) {
    signal?.throwIfAborted();
    try {
      return await shakeHands(node, config);
    } catch (error) {
      const reason = connectionTrouble(error, 'RABBITMQ', config.tls);
      reasons.push(nodes.length > 1 ? `${node.host}:${node.port}: ${reason}` : reason);
    }
  }
  throw new Error(reasons.join('; '));
}

function nodesOf({ host, port, others = [] }: RabbitmqConfig): Pick<RabbitmqConfig, 'host' | 'port'>[] {
  return [{ host, port }, ...others];
}

/** The parts, not a URL: no error of amqplib can carry the password then. */
function shakeHands(
  { host, port }: Pick<RabbitmqConfig, 'host' | 'port'>,
  { user, password, vhost, tls }: RabbitmqConfig,
): Promise<ChannelModel> {
  const protocol = tls ? 'amqps' : 'amqp';
  return connect(
    { protocol, hostname: host, port, username: user, password, vhost, heartbeat: HEARTBEAT_SECONDS },
    { ...tls, timeout: HANDSHAKE_MS },
  );
}

/** One line when RabbitMQ goes and one when it is back, however many attempts lie between; refusals are told as well. */
function outageLog(config: RabbitmqConfig, log: Logger) {
  const nodes = nodesOf(config).map(({ host, port }) => `${host}:${port}`);
  const rabbitmq = `${nodes.join(',')}/${config.vhost}`;
  /** While it is away: why, as it was told last. */
  let told: string | undefined;
  return {
    began(reason: string) {
      if (told !== undefined && (reason === told || !REFUSAL.test(reason))) return;
      log.warn({ rabbitmq, reason }, 'RabbitMQ is away, trying again until it is back');
      told = reason;
    },
    over() {
      log.info({ rabbitmq }, 'RabbitMQ is connected');
      told = undefined;
    },
  };
}
