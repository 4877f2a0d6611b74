import type { Schema } from '../../../client/client.ts';
import type { Call } from '../../action.ts';
import { usage } from '../../exitCodes.ts';
import { given } from '../../given.ts';
import { counted, several } from '../../terminal/numbers.ts';
import { table } from '../../terminal/table.ts';

type Settings = Schema<'DispatchSettings'>;

interface SetOptions {
  weight?: string;
  maxRunning?: string;
  perNetwork?: string;
}

const NONE = 'none';

/** How all projects share the workers. */
export async function showDispatch({ session }: Call): Promise<void> {
  const { client, out } = session;
  const { answer } = await client.call('getDispatch', {});
  if (out.json) return out.value(answer);
  const { window, workers, running, projects } = answer;
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  const rows = projects.map(({ project, weight, share, waiting, running: runs, next }) => [
    ...[project, weight, percent(share.minute), percent(share.hour), counted(waiting), counted(runs)],
    next ?? '',
  ]);
  const limit = window.limit === null ? 'no window yet' : `window ${counted(window.limit)}`;
  const ready = window.ready === null ? 'RabbitMQ does not answer' : `${counted(window.ready)} ready`;
  await out.lines([
    `${limit}, ${ready}; ${several(workers, 'worker')} with ${several(running, 'task')}, ${window.rate}/s`,
    ...(rows.length === 0
      ? ['no project has something to send or at work']
      : table(['project', 'weight', 'now', 'last hour', 'waiting', 'running', 'sends next'], rows)),
  ]);
}

/** Weight and limits of the project. */
export async function showLimits({ session }: Call): Promise<void> {
  const { client, out } = session;
  const { answer } = await client.call('getDispatchSettings', { path: session.project() });
  return out.json ? out.value(answer) : out.lines(limitLines(answer));
}

/** What is not said stays as it is. */
export async function setLimits({ session, options }: Call<SetOptions>): Promise<void> {
  const { client, out } = session;
  const { weight, maxRunning, perNetwork } = options;
  const wanted = given({
    weight: weight === undefined ? undefined : numberIn(weight),
    max_running: maxRunning === undefined ? undefined : maxRunning === NONE ? null : numberIn(maxRunning),
    per_network: perNetwork === undefined ? undefined : perNetworkIn(perNetwork),
  });
  if (Object.keys(wanted).length === 0) throw usage('set what? Say --weight, --max-running or --per-network');
  const path = session.project();
  const { answer: now } = await client.call('getDispatchSettings', { path });
  const { answer } = await client.call('setDispatchSettings', { path, body: { ...now, ...wanted } });
  return out.json ? out.value(answer) : out.lines(limitLines(answer));
}

function limitLines({ weight = 1, max_running, per_network }: Settings): string[] {
  const of = per_network ?? {};
  const limits = [
    ...(of.tasks === undefined ? [] : [`${counted(of.tasks)} at once`]),
    ...(of.per_minute === undefined ? [] : [`${counted(of.per_minute)} a minute`]),
  ];
  return [
    `weight       ${weight}`,
    `at once      ${max_running == null ? 'any number of tasks' : several(max_running, 'task')}`,
    `per network  ${limits.length === 0 ? 'any number of tasks' : `${limits.join(', ')} (/${of.v4}, /${of.v6})`}`,
  ];
}

/** `tasks=2,per_minute=30`, as in MAX_PER_NETWORK; the API says which fields there are. */
function perNetworkIn(text: string): Settings['per_network'] {
  if (text === NONE) return null;
  const fields = text.split(',').map((word) => {
    const [, name = '', value = ''] = /^\s*(\w+)=(\d+)\s*$/.exec(word) ?? [];
    if (name === '')
      throw usage(`${word} is not like tasks=2: write --per-network tasks=2,per_minute=30, or none`);
    return [name, Number(value)];
  });
  return Object.fromEntries(fields);
}

function numberIn(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw usage(`${text} is no number`);
  return Number(text);
}
