import { X509Certificate } from 'node:crypto';
import { checkServerIdentity } from 'node:tls';
import { Agent, fetch } from 'undici';
import type { Fetch } from '../client/client.ts';

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Trusts the certificates of a file and what they signed, and no others. A server that shows one of them may have any
 * name: installations with one certificate for everything call it by none of theirs.
 */
export function trustingFetch(pem: string): Fetch {
  // Beside them may stand a key: in the bundle of the server, for one.
  const ca = pem.match(CERTIFICATES) ?? [];
  const pins = ca.map((one) => new X509Certificate(one).raw);
  const dispatcher = new Agent({
    connect: {
      ca,
      checkServerIdentity: (host, shown) =>
        pins.some((pin) => pin.equals(shown.raw)) ? undefined : checkServerIdentity(host, shown),
    },
  });
  return async (url, { method, headers, body, signal }) => {
    const response = await fetch(url, {
      dispatcher,
      redirect: 'manual',
      ...(method && { method }),
      ...(headers && { headers: headers as Record<string, string> }),
      ...(typeof body === 'string' && { body }),
      ...(signal && { signal }),
    });
    // The same class of another copy of undici: Node has its own.
    return response as unknown as Response;
  };
}
