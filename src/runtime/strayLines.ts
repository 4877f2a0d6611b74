import { format } from 'node:util';
import type { MessagePort } from 'node:worker_threads';
import type { Logger } from './log.ts';

/** So many different texts are remembered: each of them is logged once. */
const MOST_TEXTS = 100;

const LEVELS = { log: 'info', info: 'info', debug: 'debug', warn: 'warn', error: 'error' } as const;
type Method = keyof typeof LEVELS;

/** What was to be written: a warning of Node or of a library, or a line of `console`. */
type Stray = { warning: string; message: string } | { method: Method; text: string };

/**
 * What Node and libraries would write by themselves, in forms of their own, becomes lines of the log. BullMQ warns at each
 * of its connections, ioredis by `console`, Node on standard error.
 */
export function logStrayLines(log: Logger): void {
  const told = new Set<string>();
  catchStray((stray) => {
    const key = Object.values(stray).join(' ');
    if (told.has(key)) return;
    if (told.size < MOST_TEXTS) told.add(key);
    if ('warning' in stray) log.warn({ warning: stray.warning, err: stray.message }, 'a warning of Node.js');
    else log[LEVELS[stray.method]]({ said: stray.text }, 'a library says something');
  });
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'a defect ends the process');
    process.exit(1);
  });
}

/** In a thread, which has no log: the process says it with {@link sayAgain}. */
export function handOnStrayLines(port: Pick<MessagePort, 'postMessage'>): void {
  catchStray((stray) => port.postMessage({ stray }));
}

/** What a thread has handed on, said by this process; messages of another kind are not for us. */
export function sayAgain(message: unknown): void {
  if (typeof message !== 'object' || message === null || !('stray' in message)) return;
  const stray = message.stray as Stray;
  if ('warning' in stray) process.emitWarning(stray.message, stray.warning);
  else console[stray.method](stray.text);
}

function catchStray(tell: (stray: Stray) => void): void {
  // Without listeners of its own Node no longer prints them.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => tell({ warning: name, message }));
  for (const method of Object.keys(LEVELS) as Method[])
    console[method] = (...said: unknown[]) => tell({ method, text: format(...said).trim() });
}
