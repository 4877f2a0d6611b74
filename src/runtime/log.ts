import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Fields that may hold a secret; pino writes `[redacted]` in their place. */
const SECRET_FIELDS = [
  'req.headers.authorization',
  'req.headers.cookie',
  'headers.authorization',
  'password',
  'token',
  '*.password',
  '*.token',
];

/**
 * One JSON line per event on standard output. Ids go into `log.child({ submission, stage })`, not into sentences.
 *
 * @param level one of pino's levels, or `silent`
 * @param role which of Tasker's roles writes, so that lines of several processes can be told apart
 */
export function createLog({ level, role }: { level: string; role: string }): Logger {
  return pino({
    level,
    base: { role, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRET_FIELDS, censor: '[redacted]' },
  });
}
