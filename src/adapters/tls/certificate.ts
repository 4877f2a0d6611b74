import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import pTimeout from 'p-timeout';
import type { ClientTls } from '../../config/config.ts';

const LIMIT_MS = 3_000;

/** PostgreSQL begins in the clear: the length of this message and its code. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

export interface TlsServer {
  host: string;
  port: number;
  tls: ClientTls;
  /** @default false */
  postgres?: boolean;
}

/**
 * When the certificate that a server shows ends. It is not verified here: who speaks to the server does that.
 * @throws Error when no certificate is shown within 3 s
 */
export async function certificateEnd({ host, port, tls, postgres = false }: TlsServer): Promise<Date> {
  const tcp = connectTcp({ host, port });
  let socket: TLSSocket | undefined;
  const shown = async () => {
    await once(tcp, 'connect');
    if (postgres) await askForTls(tcp);
    socket = connectTls({ ...tls, socket: tcp, host, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerX509Certificate();
    if (!certificate) throw new Error('no certificate was shown');
    return new Date(certificate.validTo);
  };
  try {
    return await pTimeout(shown(), { milliseconds: LIMIT_MS, message: `no answer within ${LIMIT_MS} ms` });
  } finally {
    for (const each of [socket, tcp]) each?.on('error', () => {}).destroy();
  }
}

async function askForTls(tcp: Socket): Promise<void> {
  tcp.write(SSL_REQUEST);
  const [answer]: Buffer[] = await once(tcp, 'data');
  if (answer?.toString() !== 'S') throw new Error('PostgreSQL does not speak TLS');
}
