/** Which certificate of ScanLedger is trusted, and what to do about one that is not. */
import { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import type { ScanledgerConfig } from '../../config/config.ts';

type Trust = Pick<ScanledgerConfig, 'tlsVerify' | 'ca' | 'ownCertificate'>;

/**
 * Connects to a server that shows one of the pinned certificates, whatever its name and its dates, or one that an
 * authority vouches for. Pinned are those of SCANLEDGER_CA; without it Tasker's own, which is where installations
 * with one certificate for everything have it.
 */
export function trustingConnector(trust: Trust, timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({
    timeout: timeoutMs,
    // Verified all the same, but the verdict is ours: OpenSSL knows no pins.
    rejectUnauthorized: false,
    // A resumed session shows no certificate and is not checked for its name again.
    maxCachedSessions: 0,
    ...(trust.ca === undefined ? {} : { ca: trust.ca }),
  });
  if (!trust.tlsVerify) return connect;
  const pinned = (trust.ca ?? trust.ownCertificate ?? '').match(CERTIFICATES) ?? [];
  const pins = pinned.map((pem) => new X509Certificate(pem).raw);
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error !== null) return callback(error, null);
      const why = socket instanceof TLSSocket ? distrust(socket, pins, trust) : undefined;
      if (why === undefined) return callback(null, socket);
      socket.destroy();
      callback(new Error(why), null);
    });
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Why not, and the setting that mends it; undefined: it is trusted. */
function distrust(socket: TLSSocket, pins: readonly Buffer[], { ca }: Trust): string | undefined {
  const shown = socket.getPeerX509Certificate();
  if (shown !== undefined && pins.some((pin) => pin.equals(shown.raw))) return undefined;
  if (socket.authorized) return undefined;
  // Declared as an Error; it is the code of one.
  const code = String(socket.authorizationError);
  const pin =
    ca === undefined
      ? 'set SCANLEDGER_CA to the path of a PEM file with this very certificate'
      : 'it is not in the file of SCANLEDGER_CA: put this very certificate there';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `its certificate is for another name than that in SCANLEDGER_BASE_URL (${code}); ${pin}, or change the URL`;
  if (code === 'CERT_HAS_EXPIRED') return `its certificate has expired (${code}); renew it, or ${pin}`;
  return `its certificate is not trusted (${code}); ${pin}, or that of the authority that signed it`;
}
