import type { RequestHandler } from 'express';
import type { AuditNote } from '../../adapters/audit/entry.ts';

const EVERY_MS = 60_000;
/** Addresses of one entry; the others are counted together. */
const MOST_ADDRESSES = 20;
const OTHERS = 'others';

/**
 * Tells the audit trail of 401 answers: one entry a minute says how many, and to whom the first of them went. Whoever
 * tries many tokens must not push out what others did.
 */
export function refusedLogins(
  sinks: Pick<AuditNote, 'keep' | 'file' | 'lost'>,
  note: (note: AuditNote) => Promise<void>,
) {
  const counts = new Map<string, number>();
  const write = async () => {
    if (counts.size === 0) return;
    const addresses = Object.fromEntries(counts);
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    counts.clear();
    const nobody = { user: null, from: null, request: null, project: null, before: null, after: null };
    const entry = { at: new Date().toISOString(), event: 'login.refused' as const, ...nobody };
    await note({ ...sinks, entry: { ...entry, on: { total, addresses } } });
  };
  const timer = setInterval(() => void write(), EVERY_MS);
  timer.unref();
  const watch: RequestHandler = (req, res, next) => {
    res.on('finish', () => {
      if (res.statusCode !== 401) return;
      const from = req.ip ?? 'unknown';
      const key = counts.has(from) || counts.size < MOST_ADDRESSES ? from : OTHERS;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    });
    next();
  };
  return {
    watch,
    close: async () => {
      clearInterval(timer);
      await write();
    },
  };
}
