import { createHash, timingSafeEqual } from 'node:crypto';
import { addressOf } from '../auth/callerAddress.ts';
import { bearerToken } from '../auth/credentials.ts';
import { tooManyLogins } from '../auth/loginLimiter.ts';
import { apiError, unauthorized } from '../http/httpErrors.ts';
import type { Handler, HttpResponse, RequestContext, Services } from '../http/route.ts';
import type { Metrics } from './openMetrics.ts';

/** Of Prometheus' text format. */
const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

export const METRICS_PATH = '/metrics';

/** GET /metrics */
export function metricsHandler({ text }: Pick<Metrics, 'text'>): Handler<RequestContext> {
  return async (context, services) =>
    (await refusalOf(context, services)) ?? {
      status: 200,
      headers: { 'Content-Type': TEXT_FORMAT },
      stream: [await text()],
    };
}

/** What it tells has ids of projects in it: unless somebody has opened it, it is for admins and for one token. */
async function refusalOf(
  { req }: RequestContext,
  { config, logins }: Services,
): Promise<HttpResponse | undefined> {
  if (config.metrics === 'public') return undefined;
  const token = bearerToken(req.headers.authorization);
  if (token === undefined) return unauthorized();
  // Asks nobody: it is good also while the users' store is away.
  if (config.metricsToken !== undefined && isSame(token, config.metricsToken)) return undefined;
  const login = await logins.authenticate(token, addressOf(req));
  if (!login.ok) return tooManyLogins(login.retryAfterS);
  if (login.value === undefined) return unauthorized();
  return login.value.admin
    ? undefined
    : apiError('admins_only', 'Metrics are for admins, and for METRICS_TOKEN');
}

function isSame(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
