import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** PEM texts of a server that speaks TLS, and lets nobody in without a certificate of the same authority. */
export interface ServerTls {
  ca: string;
  cert: string;
  key: string;
}

/** Writes them as files that only their owner can read, and gives their paths. */
export function writeTlsFiles(directory: string, tls: ServerTls): ServerTls {
  mkdirSync(directory, { recursive: true });
  const write = (name: keyof ServerTls) => {
    const path = join(directory, `${name}.pem`);
    writeFileSync(path, tls[name], { mode: 0o600 });
    return path;
  };
  return { ca: write('ca'), cert: write('cert'), key: write('key') };
}
