import { format } from 'node:util';
import type { Logger } from './log.ts';

/** So many different texts are remembered: each of them is logged once. */
const MOST_TEXTS = 100;

const LEVELS = { log: 'info', info: 'info', debug: 'debug', warn: 'warn', error: 'error' } as const;
type Method = keyof typeof LEVELS;

/**
 * What Node and libraries would write by themselves, in forms of their own, becomes lines of the log. BullMQ warns at each
 * of its connections, ioredis by `console`, Node on standard error.
 */
export function logStrayLines(log: Logger): void {
  const told = new Set<string>();
  const isNew = (text: string) => {
    const known = told.has(text);
    if (told.size < MOST_TEXTS) told.add(text);
    return !known;
  };
  // Without listeners of its own Node no longer prints them.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    if (isNew(`${name} ${message}`)) log.warn({ warning: name, err: message }, 'a warning of Node.js');
  });
  for (const method of Object.keys(LEVELS) as Method[])
    console[method] = (...said: unknown[]) => {
      const text = format(...said).trim();
      if (isNew(text)) log[LEVELS[method]]({ said: text }, 'a library says something');
    };
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'a defect ends the process');
    process.exit(1);
  });
}
