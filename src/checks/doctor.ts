import { type Config, readConfig } from '../config/config.ts';
import { messageOf } from '../runtime/errors.ts';
import { checkCertificates } from './certificates.ts';
import { type Finding, isOlder, ok } from './finding.ts';
import { lookAtAuthStore, lookAtLedger, lookAtNameServers } from './services.ts';
import { type Look, lookAtRabbitmq, lookAtRedis } from './stores.ts';

/** As in package.json. */
const LEAST_NODE = '20.19';

const LOOKS: readonly [what: string, look: Look, todo: string][] = [
  ['Redis', lookAtRedis, 'start it, or mend REDIS_URL or REDIS_HOST and the variables beside it'],
  ['RabbitMQ', lookAtRabbitmq, 'start it, or mend RABBITMQ_URL or RABBITMQ_HOST and the variables beside it'],
  ['ledger', lookAtLedger, ''],
  ['users', lookAtAuthStore, ''],
  ['name servers', lookAtNameServers, 'mend DNS_SERVERS'],
  ['certificates', checkCertificates, ''],
];

export interface DoctorOptions {
  /** One JSON object with `findings`, instead of lines for people. @default false */
  json?: boolean;
}

/**
 * Looks at everything that this environment names, and writes what is found and what to change.
 *
 * @param write gets the text, with its line ends
 * @returns whether there is nothing to change
 */
export async function runDoctor(
  env: Readonly<Record<string, string | undefined>>,
  write: (text: string) => void,
  { json = false }: DoctorOptions = {},
): Promise<boolean> {
  const findings = await findingsOf(env);
  write(json ? `${JSON.stringify({ findings }, null, 2)}\n` : shown(findings));
  return findings.every(({ state }) => state === 'ok' || state === 'unknown');
}

async function findingsOf(env: Readonly<Record<string, string | undefined>>): Promise<Finding[]> {
  const read = readConfig(env);
  if (!read.ok) return [node(), ...read.faults.map(settingFault)];
  const found = await Promise.all(
    LOOKS.map(([what, look, todo]) => lookSafely(read.config, what, look, todo)),
  );
  return [node(), ok('settings', 'can be used'), ...found.flat()];
}

async function lookSafely(config: Config, what: string, look: Look, todo: string): Promise<Finding[]> {
  try {
    return await look(config);
  } catch (error) {
    return [{ what, state: 'broken', found: messageOf(error), todo }];
  }
}

function settingFault(fault: string): Finding {
  return {
    what: 'settings',
    state: 'broken',
    found: fault,
    todo: 'change that variable; Tasker does not start',
  };
}

function node(): Finding {
  const { node: version } = process.versions;
  return isOlder(version, LEAST_NODE)
    ? { what: 'Node.js', state: 'broken', found: version, todo: `run Node.js ${LEAST_NODE} or newer` }
    : ok('Node.js', version);
}

/** Three columns; what to do stands below, where it may be long. */
function shown(findings: readonly Finding[]): string {
  const widthOf = (column: (finding: Finding) => string) =>
    Math.max(...findings.map((finding) => column(finding).length));
  const states = widthOf(({ state }) => state);
  const names = widthOf(({ what }) => what);
  const lines = findings.flatMap(({ what, state, found, todo }) => [
    `${state.padEnd(states)}  ${what.padEnd(names)}  ${found}`,
    ...(todo === '' ? [] : [`${' '.repeat(states + names + 4)}${todo}`]),
  ]);
  return `${lines.join('\n')}\n`;
}
