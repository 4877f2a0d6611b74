/** Placeholder of the shape; the schema that fills it follows. */
export interface RedisConfig {
  host: string;
  port: number;
  password?: string;
  db: number;
}
export interface RabbitmqConfig {
  host: string;
  port: number;
  user: string;
  password: string;
  vhost: string;
}
export interface PostgresConfig {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}
export interface ScanledgerConfig {
  baseUrl: string;
  /** Tasker's own Bearer token for ScanLedger. */
  token: string;
  /** PEM text of the certificate authority, when ScanLedger's certificate is not signed by a public one. */
  ca?: string;
  tlsVerify: boolean;
}
export type Role = 'api' | 'jobs' | 'all';
export interface Config {
  role: Role;
  environment: string;
  logLevel: string;
  port: number;
  /** PEM texts; absent means plain HTTP. */
  tls?: { cert: string; key: string };
  redis: RedisConfig;
  rabbitmq: RabbitmqConfig;
  auth:
    | { provider: 'postgres'; postgres: PostgresConfig }
    | { provider: 'scanledger'; scanledger: ScanledgerConfig }
    | { provider: 'static'; token?: string };
  /** Absent: no ledger; nothing counts as known. */
  ledger?: ScanledgerConfig;
  /** Addresses and networks, as typed; absent means everything is allowed. */
  allowedHosts?: string[];
  /** `address` or `address:port`; absent means the system's. */
  dnsServers?: string[];
  /** Ready messages that may stand in RabbitMQ; 0 switches the window off. */
  dispatchWindow: number;
  responseDeadlineMs: number;
  maxBodyBytes: number;
  maxTargets: number;
  docs: boolean;
}
