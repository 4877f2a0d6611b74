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

interface LogOptions {
  /** One of pino's levels, or `silent`. */
  level: string;
  /** Which of Tasker's roles writes, so that lines of several processes can be told apart. */
  role: string;
  /** Asked at each line for what it gets beside that. */
  fields?: (() => object) | undefined;
}

/** One JSON line per event on standard output. Ids go into `log.child({ submission, stage })`, not into sentences. */
export function createLog({ level, role, fields }: LogOptions): Logger {
  return pino({
    ...(fields && { mixin: fields }),
    level,
    base: { role, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRET_FIELDS, censor: '[redacted]' },
  });
}
