import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type ChannelModel, connect } from 'amqplib';
import { messageOf } from '../../src/runtime/errors.ts';
import { findEpmd, findRabbitmq } from './binaries.ts';
import {
  controlled,
  type RunningProcess,
  type ServerControl,
  startProcess,
  untilReady,
} from './childProcess.ts';
import { freePorts, HOST } from './ports.ts';
import { type ServerTls, writeTlsFiles } from './serverTls.ts';

export interface RabbitmqServer extends ServerControl {
  host: string;
  port: number;
  /** Where it speaks TLS; 0 without. */
  tlsPort: number;
  /** 0 without the management plugin. */
  managementPort: number;
  user: string;
  password: string;
  /** Runs `rabbitmqctl` against it. */
  rabbitmqctl(...args: string[]): Promise<void>;
}

interface Ports {
  amqp: number;
  tls: number;
  management: number;
  distribution: number;
  epmd: number;
}

export interface RabbitmqOptions {
  /** For its configuration, logs, cookie and data; made when missing. */
  directory: string;
  ports?: Partial<Ports>;
  /** The HTTP API, for virtual hosts and for looking around. @default false */
  management?: boolean;
  /** Bytes of the longest message that it takes. @default RabbitMQ's */
  maxMessageBytes?: number;
  /** Speaks TLS too, on a port of its own. */
  tls?: ServerTls;
}

/**
 * A broker that shares nothing with another one on this machine: own home (the cookie), own port mapper, own node.
 * RabbitMQ would start a port mapper that stays behind for ever; therefore ours runs before it, as a child.
 */
export async function startRabbitmq(options: RabbitmqOptions): Promise<RabbitmqServer> {
  const { directory, management = false, tls } = options;
  const command = findRabbitmq();
  const epmdCommand = findEpmd();
  if (!command || !epmdCommand) throw new Error('there is no rabbitmq-server on this machine');
  const ports = await choosePorts(options.ports ?? {});
  writeConfiguration(ports, options);
  const access = { host: HOST, port: ports.amqp, user: 'guest', password: 'guest' };
  const control = await controlled(async () => {
    const logFile = join(directory, 'output.log');
    const epmdArgs = ['-port', String(ports.epmd), '-address', HOST];
    const epmd = startProcess({ command: epmdCommand, args: epmdArgs, cwd: directory, logFile });
    const broker = startProcess({
      command,
      args: [],
      env: environment(directory, ports),
      cwd: directory,
      logFile,
    });
    try {
      await untilReady('RabbitMQ', broker, logFile, () => pingRabbitmq({ ...access, vhost: '/' }), 120_000);
    } catch (error) {
      await epmd.stop();
      throw error;
    }
    return together(broker, epmd);
  });
  const rabbitmqctl = async (...args: string[]) => {
    const env = { ...process.env, ...environment(directory, ports) };
    await promisify(execFile)(join(dirname(command), 'rabbitmqctl'), args, { cwd: directory, env });
  };
  return {
    ...access,
    tlsPort: tls ? ports.tls : 0,
    managementPort: management ? ports.management : 0,
    rabbitmqctl,
    ...control,
  };
}

async function choosePorts(wanted: Partial<Ports>): Promise<Ports> {
  const [amqp = 0, tls = 0, management = 0, distribution = 0, epmd = 0] = await freePorts(5);
  return { amqp, tls, management, distribution, epmd, ...wanted };
}

function writeConfiguration(
  ports: Ports,
  { directory, management = false, maxMessageBytes, tls }: RabbitmqOptions,
): void {
  for (const name of ['log', 'mnesia']) mkdirSync(join(directory, name), { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  write('plugins', management ? '[rabbitmq_management].\n' : '[].\n');
  write(
    'rabbitmq.conf',
    (management ? `management.tcp.ip = ${HOST}\nmanagement.tcp.port = ${ports.management}\n` : '') +
      (maxMessageBytes === undefined ? '' : `max_message_size = ${maxMessageBytes}\n`) +
      (tls ? tlsLines(ports.tls, writeTlsFiles(directory, tls)) : ''),
  );
  // Instead of the machine's own files, which could move the data or the node name.
  write('environment.conf', '');
  write('advanced.config', '[].\n');
}

function tlsLines(port: number, { ca, cert, key }: ServerTls): string {
  return [
    `listeners.ssl.1 = ${HOST}:${port}`,
    `ssl_options.cacertfile = ${ca}\nssl_options.certfile = ${cert}\nssl_options.keyfile = ${key}`,
    'ssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = true\n',
  ].join('\n');
}

function environment(directory: string, ports: Ports): Record<string, string> {
  return {
    HOME: directory,
    // The script then becomes the broker instead of waiting for it, so that our signals reach the broker itself.
    RUNNING_UNDER_SYSTEMD: 'true',
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: HOST,
    RABBITMQ_NODENAME: 'tasker@localhost',
    RABBITMQ_NODE_IP_ADDRESS: HOST,
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
    RABBITMQ_LOG_BASE: join(directory, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'plugins'),
    RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, 'advanced.config'),
    RABBITMQ_CONF_ENV_FILE: join(directory, 'environment.conf'),
    // Two schedulers that sleep when idle: the tests measure Tasker, not a spinning broker.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}',
  };
}

function together(broker: RunningProcess, epmd: RunningProcess): RunningProcess {
  return {
    pid: broker.pid,
    running: broker.running,
    exited: broker.exited,
    async stop() {
      await broker.stop();
      await epmd.stop();
    },
    async kill() {
      await broker.kill();
      await epmd.kill();
    },
  };
}

interface Access {
  host: string;
  port: number;
  user: string;
  password: string;
  vhost: string;
}

/** Throws what RabbitMQ, or the way to it, has against us. */
async function pingRabbitmq(to: Access): Promise<void> {
  const connection = await open(to);
  await connection.close();
}

/** How many listen to the workers' queue and how many tasks are in it. Throws like {@link pingRabbitmq}. */
export async function rabbitmqTraffic(to: Access): Promise<{ consumers: number; messages: number }> {
  const connection = await open(to);
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => {}); // a queue that does not exist closes the channel
    const queue = await channel.checkQueue('nmap_scan_queue');
    return { consumers: queue.consumerCount, messages: queue.messageCount };
  } catch (error) {
    if (/no queue/.test(messageOf(error))) return { consumers: 0, messages: 0 };
    throw error;
  } finally {
    await connection.close();
  }
}

function open({ host: hostname, user: username, ...rest }: Access): Promise<ChannelModel> {
  return connect({ hostname, username, ...rest, heartbeat: 0 }, { timeout: 5000 });
}
