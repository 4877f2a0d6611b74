import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { messageOf } from '../runtime/errors.ts';
import { pairOf, postgresOf, rabbitmqOf, redisOf } from './backends.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { ANYTHING, EVERY_INTERFACE, type TlsFiles } from './formats.ts';
import { knownPasswords } from './knownPasswords.ts';
import { type Settings, validateSettings } from './variables.ts';

export type { ClientTls, PostgresConfig, RabbitmqConfig, RedisConfig } from './backends.ts';

/** The settings as Tasker uses them, in the units of the names; the rows of variables.ts say what each means. */
export type Config = ReturnType<typeof configOf>;
export type ScanledgerConfig = ReturnType<typeof scanledgerOf>;

/**
 * The environment as configuration, as {@link readEnvironment} understands it. Reads the files that it names.
 *
 * @returns the configuration, or one line for each wrong variable: its name, what it got, what it may be
 */
export function readConfig(env: Environment): { ok: true; config: Config } | { ok: false; faults: string[] } {
  const typed = readEnvironment(env);
  const result = validateSettings(typed.values, typed.sources);
  const faults = [...typed.faults, ...(result.ok ? knownPasswords(result.settings) : result.faults)];
  if (!result.ok || faults.length > 0) return { ok: false, faults };
  try {
    return { ok: true, config: configOf(result.settings) };
  } catch (error) {
    return { ok: false, faults: [messageOf(error)] };
  }
}

/** The variables of `directory`/.env under those of `base`, which win. A missing file is no fault. */
export function loadEnvironment(directory: string, base: Environment = process.env): Environment {
  try {
    return { ...parse(readFileSync(join(directory, '.env'))), ...base };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { ...base };
    throw error;
  }
}

function configOf(settings: Settings) {
  const tls = tlsOf(settings);
  const ledger = settings.LEDGER === 'scanledger' ? scanledgerOf(settings, tls) : undefined;
  return {
    role: settings.ROLE,
    environment: settings.ENVIRONMENT,
    logLevel: settings.LOG_LEVEL,
    port: settings.PORT,
    ...(settings.TRUST_PROXY && { trustProxy: settings.TRUST_PROXY }),
    ...(settings.BIND_ADDRESS !== EVERY_INTERFACE && { bindAddress: settings.BIND_ADDRESS }),
    ...(tls && { tls }),
    redis: redisOf(settings),
    rabbitmq: rabbitmqOf(settings),
    auth: authOf(settings, tls),
    ...(ledger && { ledger }),
    ...(settings.ALLOWED_HOSTS &&
      !settings.ALLOWED_HOSTS.includes(ANYTHING) && { allowedHosts: settings.ALLOWED_HOSTS }),
    excludedHosts: settings.EXCLUDED_HOSTS ?? [],
    ...(settings.EXCLUDED_HOSTS_FILE && { excludedHostsFile: settings.EXCLUDED_HOSTS_FILE }),
    allowPrivateTargets: settings.ALLOW_PRIVATE_TARGETS,
    showInstallationRules: settings.SHOW_INSTALLATION_RULES,
    auditKeep: settings.AUDIT_KEEP,
    ...(settings.AUDIT_FILE && { auditFile: settings.AUDIT_FILE }),
    webhookAllowPrivate: settings.WEBHOOK_ALLOW_PRIVATE,
    ...(settings.DNS_SERVERS && { dnsServers: settings.DNS_SERVERS }),
    dnsRate: settings.DNS_RATE,
    dnsTimeoutMs: settings.DNS_TIMEOUT * 1_000,
    dispatchWindow: settings.DISPATCH_WINDOW,
    perNetwork: settings.MAX_PER_NETWORK,
    responseDeadlineMs: settings.RESPONSE_DEADLINE * 1000,
    maxPlanning: settings.MAX_PLANNING,
    quotas: {
      openSubmissions: settings.MAX_OPEN_SUBMISSIONS,
      plans: settings.MAX_PLANS,
      storedBytes: settings.MAX_STORED_MB * 2 ** 20,
    },
    maxExclusions: settings.MAX_EXCLUSIONS,
    maxBodyBytes: settings.MAX_BODY,
    maxBodyTotalBytes: settings.MAX_BODY_TOTAL,
    maxTargets: settings.MAX_TARGETS,
    allowSingleLabel: settings.ALLOW_SINGLE_LABEL,
    docs: settings.DOCS,
    metrics: settings.METRICS,
    ...(settings.METRICS_TOKEN && { metricsToken: settings.METRICS_TOKEN }),
    ...(settings.OTEL_EXPORTER_OTLP_ENDPOINT && { tracesTo: settings.OTEL_EXPORTER_OTLP_ENDPOINT }),
  };
}

function tlsOf(settings: Settings): TlsFiles | undefined {
  if (settings.TLS_BUNDLE) return settings.TLS_BUNDLE;
  if (settings.TLS_CERT && settings.TLS_KEY)
    return pairOf('TLS', { cert: settings.TLS_CERT, key: settings.TLS_KEY });
  return undefined;
}

function authOf(settings: Settings, tls: TlsFiles | undefined) {
  const provider = settings.AUTH_PROVIDER;
  if (provider === 'postgres') return { provider, postgres: postgresOf(settings) };
  if (provider === 'scanledger') return { provider, scanledger: scanledgerOf(settings, tls) };
  return { provider, ...(settings.TASKER_TOKEN && { token: settings.TASKER_TOKEN }) };
}

/** `ca`: PEM texts of authorities, or of the very certificate that ScanLedger shows; absent: the public authorities. */
function scanledgerOf(settings: Settings, tls: TlsFiles | undefined) {
  return {
    baseUrl: settings.SCANLEDGER_BASE_URL ?? '',
    /** Tasker's own Bearer token for ScanLedger. */
    token: settings.TASKER_AUTH_TOKEN ?? '',
    ...(settings.SCANLEDGER_CA && { ca: settings.SCANLEDGER_CA }),
    /** Tasker's own certificate: trusted when ScanLedger shows it too and no `ca` is set. */
    ...(tls && { ownCertificate: tls.cert }),
    tlsVerify: settings.SCANLEDGER_TLS_VERIFY,
  };
}
