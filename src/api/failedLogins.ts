import type { RequestHandler } from 'express';
import { ipKeyGenerator, MemoryStore, rateLimit } from 'express-rate-limit';
import type { Logger } from '../log.ts';
import { apiError } from './apiErrors.ts';
import { respond } from './respond.ts';

export interface FailedLoginOptions {
  windowMs: number;
  /** 401 answers that one address may get in a window. */
  limit: number;
}

/**
 * 429 to an address that had too many 401 answers. Only those count, and they count when they are sent: the many
 * requests that one address may have waiting for their scans do no harm.
 */
export function failedLogins({ windowMs, limit }: FailedLoginOptions, log: Logger) {
  const store = new MemoryStore();
  rateLimit({ windowMs, limit, store }); // gives the store its window
  const guard: RequestHandler = async (req, res, next) => {
    const key = ipKeyGenerator(req.ip ?? 'unknown');
    const hits = await store.get(key);
    const leftMs = (hits?.resetTime?.getTime() ?? 0) - Date.now();
    if (hits !== undefined && hits.totalHits >= limit && leftMs > 0) {
      const seconds = Math.ceil(leftMs / 1_000);
      const detail = `Too many failed logins: try again in ${seconds} s`;
      return respond(res, apiError(429, detail, { 'Retry-After': String(seconds) }), log);
    }
    res.on('finish', () => {
      if (res.statusCode === 401) void store.increment(key);
    });
    next();
  };
  return { guard, close: () => store.shutdown() };
}
