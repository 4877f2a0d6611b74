import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import type { Logger } from '../runtime/log.ts';
import { checkCertificates } from './certificates.ts';
import type { Finding } from './finding.ts';
import { type Look, lookAtRabbitmq, lookAtRedis } from './stores.ts';

/** One that is away is said by whoever needs it; what is wrong with it is looked at when it answers. */
const AGAIN_MS = 10_000;

/** Says in the log what an operator should change about the stores, once each. Nobody waits for it. */
export function tellFindings(config: Config, log: Logger, againMs = AGAIN_MS): { close(): void } {
  const stop = new AbortController();
  const { signal } = stop;
  const tellOnce = async (look: Look) => {
    let findings: Finding[] | undefined;
    while (!findings && !signal.aborted) {
      findings = await look(config).catch(() => undefined);
      if (!findings) await sleep(againMs, undefined, { signal, ref: false }).catch(() => {});
    }
    if (!signal.aborted) for (const finding of findings ?? []) tell(finding, log);
  };
  for (const look of [lookAtRedis, lookAtRabbitmq, checkCertificates]) void tellOnce(look);
  return { close: () => stop.abort() };
}

function tell({ what, state, found, todo }: Finding, log: Logger): void {
  if (state === 'unknown') log.info({ check: what, found, todo }, 'a store does not tell how it is set up');
  else if (state !== 'ok') log.warn({ check: what, found, todo }, 'a store is not set up as Tasker needs it');
}
