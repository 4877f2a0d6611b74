import Joi from 'joi';
import { messageOf } from '../runtime/errors.ts';
import {
  allowlist,
  appendedFile,
  bindAddress,
  bundleFile,
  byteCount,
  certificateFile,
  dispatchWindow,
  dnsServers,
  EVERY_INTERFACE,
  exclusionsFile,
  oneOf,
  ownToken,
  proxies,
  ruleEntries,
  token,
  webAddress,
  wholeNumber,
  word,
  yesOrNo,
} from './formats.ts';
import { perNetwork } from './perNetwork.ts';
import { given, keyOf, neededBy, optional, type Row, refusedWhen, secret } from './row.ts';
import { STORE_ROWS } from './storeRows.ts';

const port = wholeNumber(1, 65_535);

export const ROWS = {
  PORT: given(port, 8001, 'Port of the HTTP or HTTPS server.'),
  TRUST_PROXY: optional(
    proxies,
    'Proxies whose `X-Forwarded-For` counts: how many stand in front, or their addresses and networks.',
  ),
  BIND_ADDRESS: given(
    bindAddress,
    (typed) => (typed.TLS_BUNDLE || typed.TLS_CERT ? EVERY_INTERFACE : '127.0.0.1'),
    'Address that the server listens on; `*` means all. In a container `*` is the default.',
    '127.0.0.1; with TLS all',
  ),
  TLS_BUNDLE: optional(bundleFile, 'Path of a PEM file with certificate and key. It switches HTTPS on.'),
  TLS_CERT: refusedWhen(
    optional(certificateFile, 'Path of the certificate, if not in a bundle.'),
    'TLS_BUNDLE',
    Joi.exist(),
    'TLS_BUNDLE is set too; use one of the two',
  ),
  TLS_KEY: keyOf('TLS_CERT'),
  ENVIRONMENT: given(
    word,
    'development',
    '`production` switches the API docs off, unless DOCS is true, and refuses default passwords.',
  ),
  ROLE: given(oneOf('api', 'jobs', 'all'), 'all', 'What this process does: `api`, `jobs` or `all`.'),
  LOG_LEVEL: given(
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'Lines below this level are not logged.',
  ),
  ...STORE_ROWS,
  AUTH_PROVIDER: given(
    oneOf('postgres', 'scanledger', 'static'),
    (typed) => (typed.POSTGRES_HOST ? 'postgres' : typed.SCANLEDGER_BASE_URL ? 'scanledger' : 'static'),
    'Who knows the users: `postgres`, `scanledger`, or `static` (one token).',
    'the first whose settings are there',
  ),
  SCANLEDGER_BASE_URL: neededBy(
    neededBy(optional(webAddress, 'Base URL of ScanLedger.'), 'AUTH_PROVIDER', 'scanledger'),
    'LEDGER',
    'scanledger',
  ),
  TASKER_AUTH_TOKEN: secret(
    neededBy(optional(token, "Tasker's own token for ScanLedger."), 'SCANLEDGER_BASE_URL'),
  ),
  SCANLEDGER_CA: optional(
    certificateFile,
    'Path of a PEM file with exactly the certificate that ScanLedger shows, or with that of its authority.',
  ),
  SCANLEDGER_TLS_VERIFY: given(yesOrNo, true, '`false` accepts any certificate from ScanLedger.'),
  LEDGER: given(
    oneOf('scanledger', 'none'),
    (typed) => (typed.SCANLEDGER_BASE_URL ? 'scanledger' : 'none'),
    'Where known addresses are kept: `scanledger`, or `none`.',
    'scanledger when its base URL is set',
  ),
  TASKER_TOKEN: secret(
    optional(
      ownToken,
      'The token of AUTH_PROVIDER static. Without it the first start makes one and prints it.',
    ),
  ),
  ALLOWED_HOSTS: optional(
    allowlist,
    'Nothing else may be scanned. Without it, or with `*`: everything that no other rule refuses.',
  ),
  EXCLUDED_HOSTS: optional(ruleEntries, 'What is never scanned, written as in ALLOWED_HOSTS.'),
  EXCLUDED_HOSTS_FILE: optional(
    exclusionsFile,
    'Path of a file with more; it is read again when it changes. A file without any needs `# no exclusions`.',
  ),
  ALLOW_PRIVATE_TARGETS: given(
    yesOrNo,
    false,
    '`true` allows RFC 1918, CGNAT and ULA addresses, for internal work.',
  ),
  SHOW_INSTALLATION_RULES: given(
    yesOrNo,
    false,
    '`true` shows the exclusions of the installation to everybody; admins always see them.',
  ),
  AUDIT_KEEP: given(
    wholeNumber(0, 1_000_000),
    20_000,
    'Entries that are kept of the trail of the installation, and of that of each project; 0 = no trail.',
  ),
  AUDIT_FILE: optional(
    appendedFile,
    'Path of a file to which every entry of the trail is appended as well, one line of JSON each; see docs/operations.md.',
  ),
  WEBHOOK_ALLOW_PRIVATE: given(
    yesOrNo,
    false,
    '`true` lets webhooks lead to private and special addresses, this machine included.',
  ),
  DNS_SERVERS: optional(
    dnsServers,
    'Name servers that Tasker asks for the names of targets. Without it Tasker asks those of the system.',
  ),
  DNS_RATE: given(
    wholeNumber(0, 1_000_000),
    0,
    'DNS queries a second that each process sends to each server; 0 = no limit.',
  ),
  DNS_TIMEOUT: given(
    wholeNumber(1, 12),
    12,
    'Seconds for one name, all four tries together. A name without an answer by then is unresolvable.',
  ),
  DISPATCH_WINDOW: given(
    dispatchWindow,
    'auto',
    'Tasks that may be ready in RabbitMQ; all others wait in Tasker. `auto`: what the workers take in a second, at least 2 for each worker and 4 in all, at most 1,000; 0 = no limit.',
  ),
  MAX_PER_NETWORK: optional(
    perNetwork,
    'Tasks that a network may get from all projects together: `tasks` at once, `per_minute` that begin, for each IPv4 /24 and IPv6 /64, or what `v4` and `v6` say: `tasks=2,per_minute=30,v4=24,v6=64`. Projects and requests may ask for less.',
  ),
  RESPONSE_DEADLINE: given(
    wholeNumber(1, 58),
    45,
    'Seconds after which a request that is still being planned is answered with 202; falcli waits 60.',
  ),
  MAX_PLANNING: given(
    wholeNumber(0, 1_000_000),
    80,
    'Requests that one API process plans at once; more get 503 with `Retry-After`; 0 = no limit.',
  ),
  MAX_OPEN_SUBMISSIONS: given(
    wholeNumber(0, 1_000_000),
    500,
    'Scans and plans of a project that have not ended; a user may have four times as many; 0 = no limit.',
  ),
  MAX_PLANS: given(
    wholeNumber(0, 1_000_000),
    500,
    'Plans of a project that are kept, each for 24 h; a user may have four times as many; 0 = no limit.',
  ),
  MAX_STORED_MB: given(
    wholeNumber(0, 1_000_000),
    512,
    'MB of Redis that scans and plans of a project may take; a user may have four times that; 0 = no limit.',
  ),
  MAX_EXCLUSIONS: given(wholeNumber(0, 1_000_000), 20_000, 'Exclusions of a project; 0 = no limit.'),
  MAX_BODY: given(byteCount, 32 * 1024 ** 2, 'Largest request body.', '32MB'),
  MAX_BODY_TOTAL: given(
    byteCount,
    64 * 1024 ** 2,
    'All bodies that one API process holds at once, unpacked; more get 503 with `Retry-After`.',
    '64MB',
  ),
  MAX_TARGETS: given(wholeNumber(1, 67_108_864), 16_777_216, 'Addresses that one submission may come to.'),
  METRICS: given(
    oneOf('public', 'token', 'off'),
    'token',
    'Who may read `/metrics`: everybody, who shows METRICS_TOKEN or the token of an admin, or nobody.',
  ),
  METRICS_TOKEN: secret(optional(ownToken, 'A token that opens `/metrics` and nothing else.')),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(
    webAddress,
    'Base URL of an OpenTelemetry collector (OTLP over HTTP), to which traces go. Without it there are none.',
  ),
  ALLOW_SINGLE_LABEL: given(
    yesOrNo,
    false,
    '`true` accepts host names without a domain (`intranet`) as targets and in rules.',
  ),
  DOCS: given(
    yesOrNo,
    (typed) => typed.ENVIRONMENT?.toLowerCase() !== 'production',
    'Whether /docs and /openapi.json are served.',
    'true, false in production',
  ),
};

export type VariableName = keyof typeof ROWS;
export type Settings = { [K in VariableName]: (typeof ROWS)[K] extends Row<infer T> ? T : never };

const schema = Joi.object<Settings>(
  Object.fromEntries(Object.entries(ROWS).map(([name, row]) => [name, row.schema])),
);

/**
 * The settings, or one fault line for each variable that is wrong. `typed` has the names in upper case; `sources` the
 * variables that values were typed in, where these are others.
 */
export function validateSettings(
  typed: Record<string, string>,
  sources: Record<string, string>,
): { ok: true; settings: Settings } | { ok: false; faults: string[] } {
  const { error, value } = schema.validate(typed, { abortEarly: false, errors: { label: false } });
  if (!error) return { ok: true, settings: value };
  const faults = new Map<string, string>();
  for (const detail of error.details) {
    const name = String(detail.path[0]) as VariableName;
    if (!faults.has(name)) faults.set(name, faultLine(name, typed[name], detail, sources[name]));
  }
  return { ok: false, faults: [...faults.values()] };
}

function faultLine(
  name: VariableName,
  typed: string | undefined,
  detail: Joi.ValidationErrorItem,
  source: string | undefined,
): string {
  if (typed === undefined) return `${name} is missing: ${detail.message}`;
  const start = `${name}${source ? ` (from ${source})` : ''} is ${shown(name, typed)}`;
  if (detail.type === 'any.unknown') return `${start}: ${detail.message}`;
  const thrown: unknown = detail.context?.error;
  return `${start}: it must be ${ROWS[name].mayBe}${thrown ? ` (${messageOf(thrown)})` : ''}`;
}

/** What was typed, for a fault line; never a secret, also not one inside of a URL. */
function shown(name: VariableName, typed: string): string {
  if (ROWS[name].secret) return 'set (not shown)';
  const masked = typed.replace(/\/\/[^/@]*@/, '//***@');
  return `"${masked.length > 100 ? `${masked.slice(0, 100)}...` : masked}"`;
}
