import type { ClientTls } from '../../config/config.ts';
import { messageOf } from '../../runtime/errors.ts';

/** What the variables of a store begin with. */
type Store = 'REDIS' | 'RABBITMQ' | 'POSTGRES';

/** Codes of Node and OpenSSL, and what to do. `s` stands for what the variables begin with. */
const TROUBLES: readonly [code: RegExp, what: (s: Store) => string][] = [
  [/^CERT_HAS_EXPIRED$/, () => "the server's certificate has expired: renew it"],
  [
    /^CERT_NOT_YET_VALID$/,
    () => "the server's certificate is not valid yet: is the clock of this machine right?",
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    (s) =>
      `the server's certificate is for another name than that in ${s}_HOST or the URL: use one that is in it`,
  ],
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|INVALID_CA)$/,
    (s) =>
      `the authority of the server's certificate is not trusted: set ${s}_CA to the path of the certificate of that authority`,
  ],
  [
    /^ERR_SSL_(TLSV1_3|TLSV13|SSLV3|TLSV1)_ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_EXPIRED|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE)$/,
    (s) =>
      `the server does not take the certificate that we show, or wants one: set ${s}_CERT and ${s}_KEY to one that its authority has signed`,
  ],
  [
    /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/,
    (s) => `the server does not speak TLS on this port: is ${s}_PORT, or the port in the URL, that of TLS?`,
  ],
];

/** Where TLS was begun: whoever closes instead of answering may want a certificate, or not know TLS. */
const CUT = /^(ECONNRESET|EPIPE|ETIMEDOUT)$/;

/**
 * The message of whatever a connection failed with; where it is about TLS, it says what to do.
 * @param tls what we came with; undefined: without TLS
 */
export function connectionTrouble(thrown: unknown, store: Store, tls: ClientTls | undefined): string {
  const message = messageOf(thrown);
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const [, what] = TROUBLES.find(([pattern]) => pattern.test(code)) ?? [];
  if (what) return `${what(store)} (${code})`;
  if (/valid client certificate/.test(message)) return `${message}: set ${store}_CERT and ${store}_KEY`;
  if (!tls || !CUT.test(code)) return message;
  const certificate = tls.cert
    ? ''
    : ` If it wants a certificate of ours, set ${store}_CERT and ${store}_KEY`;
  return `${message}: does the server speak TLS on this port?${certificate}`;
}
