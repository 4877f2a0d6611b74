import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import type { Logger } from '../runtime/log.ts';
import { checkCertificates } from './certificates.ts';
import { type Look, lookAtRabbitmq, lookAtRedis } from './stores.ts';

/** One that is away is said by whoever needs it; what is wrong with it is looked at when it answers. */
const AGAIN_MS = 10_000;

/** Says in the log what an operator should change about the stores, once each. Nobody waits for it. */
export function tellFindings(config: Config, log: Logger): { close(): void } {
  const stop = new AbortController();
  for (const look of [lookAtRedis, lookAtRabbitmq, checkCertificates])
    void tell(look, config, log, stop.signal);
  return { close: () => stop.abort() };
}

async function tell(look: Look, config: Config, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const findings = await look(config).catch(() => undefined);
    if (findings === undefined) {
      await sleep(AGAIN_MS, undefined, { signal, ref: false }).catch(() => {});
      continue;
    }
    for (const { what, state, found, todo } of findings) {
      if (signal.aborted) return;
      if (state === 'unknown')
        log.info({ check: what, found, todo }, 'a store does not tell how it is set up');
      else if (state !== 'ok')
        log.warn({ check: what, found, todo }, 'a store is not set up as Tasker needs it');
    }
    return;
  }
}
