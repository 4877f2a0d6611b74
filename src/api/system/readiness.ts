import pTimeout from 'p-timeout';
import type { Pause } from '../../adapters/dispatch/pauseStore.ts';
import type { Flows } from '../../flows/flows.ts';
import type { Warning } from '../../model/submission.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { SharedLook } from '../../runtime/sharedLook.ts';
import type { Check, Checks } from '../http/route.ts';

/** How long one service may take to answer. */
const CHECK_TIMEOUT_MS = 2_000;

interface ServiceState {
  status: 'ok' | 'away';
  /** Why; it may name hosts and databases. */
  detail: string;
}

export interface Ready {
  status: 'ok' | 'away';
  services: Readonly<Record<string, ServiceState>>;
  paused_queues: readonly string[];
  /** Who paused everything; absent: nobody. */
  paused?: Pause;
  /** What will soon be in the way. */
  warnings: readonly Warning[];
}

function withPause(paused: Pause | undefined): { paused?: Pause } {
  return paused === undefined ? {} : { paused };
}

/** Whether the services behind the API answer. However many ask, each service is asked once a second at most. */
export class Readiness {
  readonly #checks: [string, Check][];
  readonly #flows: Pick<Flows, 'pausedQueues' | 'pausedAll'>;
  readonly #log: Logger;
  readonly #look = new SharedLook(() => this.#lookNow());
  #told = '';

  constructor(checks: Checks, flows: Pick<Flows, 'pausedQueues' | 'pausedAll'>, log: Logger) {
    this.#checks = Object.entries(checks).filter((entry): entry is [string, Check] => entry[1] !== undefined);
    this.#flows = flows;
    this.#log = log;
  }

  /** Takes some 2 s at most, and never rejects. */
  now(): Promise<Ready> {
    return this.#look.now();
  }

  async #lookNow(): Promise<Ready> {
    // What cannot be known is no reason to say nothing of the rest: that Redis is away stands among the services.
    const paused = inTime(this.#flows.pausedQueues()).catch(() => []);
    const pausedAll = inTime(this.#flows.pausedAll()).catch(() => undefined);
    const found = await Promise.all(this.#checks.map(([, check]) => stateOf(check)));
    const services = Object.fromEntries(this.#checks.map(([name], i) => [name, found[i]?.state] as const));
    const neededAway = this.#checks.some(([, { needed }], i) => needed && found[i]?.state.status === 'away');
    const ready = {
      status: neededAway ? ('away' as const) : ('ok' as const),
      services: services as Ready['services'],
      paused_queues: await paused,
      ...withPause(await pausedAll),
      warnings: found.flatMap(({ warnings }) => warnings),
    };
    this.#tell(ready);
    return ready;
  }

  /** Where nobody is known to be an admin, the details stand in the log only: once for each change. */
  #tell({ services, warnings }: Ready): void {
    const away = Object.entries(services).filter(([, { status }]) => status === 'away');
    const what = [...away.map(([name]) => name), ...warnings.map(({ code }) => code)].join();
    if (what === this.#told) return;
    this.#told = what;
    if (what === '') this.#log.info('all services answer');
    else
      this.#log.warn({ away: Object.fromEntries(away), warnings }, 'not all services answer as they should');
  }
}

async function stateOf(service: Check): Promise<{ state: ServiceState; warnings: readonly Warning[] }> {
  try {
    const warnings = await inTime(service.check().then(() => service.warnings?.() ?? []));
    return { warnings, state: { status: 'ok', detail: '' } };
  } catch (error) {
    return { warnings: [], state: { status: 'away', detail: messageOf(error) } };
  }
}

function inTime<T>(answer: Promise<T>): Promise<T> {
  const message = `no answer within ${CHECK_TIMEOUT_MS} ms`;
  return pTimeout(answer, { milliseconds: CHECK_TIMEOUT_MS, message });
}

/** For those who need not know where services are: what is away, and not why. */
export function withoutDetails(ready: Ready): Ready {
  const services = Object.entries(ready.services).map(([name, state]) => [name, { ...state, detail: '' }]);
  const warnings = ready.warnings.map((warning) => ({ ...warning, message: '' }));
  const { paused, ...rest } = ready;
  return {
    ...rest,
    ...withPause(paused && { ...paused, by: '', why: null }),
    services: Object.fromEntries(services) as Ready['services'],
    warnings,
  };
}
