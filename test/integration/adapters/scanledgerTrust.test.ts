/** Which certificates of ScanLedger are trusted, by both who ask it: the ledger and the provider of users. */
import { afterEach, describe, expect, it } from 'vitest';
import { createScanledgerAuth } from '../../../src/adapters/auth/scanledgerAuth.ts';
import { LEDGER_LIMITS } from '../../../src/adapters/scanledger/limits.ts';
import { createScanledger } from '../../../src/adapters/scanledger/scanledger.ts';
import type { ScanledgerConfig } from '../../../src/config/config.ts';
import { ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import {
  type Certificate,
  falcoriaCertificate,
  issuedCertificate,
  selfSignedCertificate,
} from '../../support/certificate.ts';
import { startStandInLedger } from '../../support/standInLedger.ts';

const TOKEN = 'our-own-token';
const LIMITS = { ...LEDGER_LIMITS, connectMs: 2_000, answerMs: 2_000 };
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A ScanLedger with this certificate, reached by an address; gives what each of its users comes to. */
async function serve(certificate: Certificate) {
  const server = await startStandInLedger({ users: { [TOKEN]: { admin: true } }, certificate });
  closers.push(() => server.stop());
  return (trust: Partial<ScanledgerConfig> = {}) => {
    const config = { baseUrl: server.baseUrl, token: TOKEN, tlsVerify: true, ...trust };
    const clients = [createScanledger(config, LIMITS), createScanledgerAuth(config, LIMITS)];
    for (const client of clients) closers.push(() => client.close());
    return {
      async trusts() {
        for (const client of clients) await client.check();
      },
      async refuses(message: RegExp) {
        const asked = server.requests.length;
        for (const client of clients) {
          // Twice: what was learned from the first connection must not open the second.
          for (let i = 0; i < 2; i++) {
            const error = await client.check().catch((thrown: unknown) => thrown);
            expect(error).toBeInstanceOf(ServiceUnavailableError);
            expect(error).toMatchObject({ message: expect.stringMatching(message) });
          }
        }
        expect(server.requests).toHaveLength(asked); // no token was shown to it
      },
    };
  };
}

describe('a certificate that is for the name in the URL', () => {
  it('needs its authority, or no verification', async () => {
    const certificate = await selfSignedCertificate();
    const client = await serve(certificate);
    await client().refuses(/not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\); set SCANLEDGER_CA/);
    await client({ ca: certificate.cert }).trusts();
    await client({ tlsVerify: false }).trusts();
    const other = await selfSignedCertificate();
    await client({ ca: other.cert }).refuses(/not trusted .* not in the file of SCANLEDGER_CA/);
    await client({ ca: other.cert + certificate.cert }).trusts();
  });
});

describe('a certificate that is for another name', () => {
  it('is trusted when SCANLEDGER_CA holds this very one', async () => {
    const certificate = await falcoriaCertificate();
    const client = await serve(certificate);
    await client({ ca: certificate.cert }).trusts();
    await client({ ca: (await selfSignedCertificate()).cert + certificate.cert }).trusts();
    await client().refuses(/set SCANLEDGER_CA to the path of a PEM file with this very certificate/);
  });

  it('is trusted without a setting when it is our own', async () => {
    const certificate = await falcoriaCertificate();
    const client = await serve(certificate);
    await client({ ownCertificate: certificate.cert }).trusts();
    await client({ ownCertificate: (await falcoriaCertificate()).cert }).refuses(/set SCANLEDGER_CA/);
  });

  it('is refused when our own is the same, and SCANLEDGER_CA says another', async () => {
    const certificate = await falcoriaCertificate();
    const client = await serve(certificate);
    const ca = (await falcoriaCertificate()).cert;
    await client({ ownCertificate: certificate.cert, ca }).refuses(/put this very certificate there/);
  });

  it('is refused with the same name and another key', async () => {
    const client = await serve(await falcoriaCertificate());
    const { cert } = await falcoriaCertificate();
    await client({ ca: cert }).refuses(/not trusted .* SCANLEDGER_CA/);
    await client({ ownCertificate: cert }).refuses(/not trusted .* SCANLEDGER_CA/);
  });

  it('is refused by its name when an authority vouches for it that is not itself', async () => {
    const { authority, issued } = await issuedCertificate();
    const client = await serve(issued);
    await client({ ca: authority }).refuses(/for another name .*ERR_TLS_CERT_ALTNAME_INVALID.*SCANLEDGER_CA/);
    await client({ ca: issued.cert }).trusts();
    await client({ ca: authority + issued.cert }).trusts();
  });

  it('is refused when it has expired and only its authority is known', async () => {
    const { authority, issued } = await issuedCertificate({ expired: true });
    const client = await serve(issued);
    await client({ ca: authority }).refuses(/has expired \(CERT_HAS_EXPIRED\); renew it, or .*SCANLEDGER_CA/);
    await client({ ca: issued.cert }).trusts();
  });

  it('is trusted when it has expired and is pinned: it is the one that was meant', async () => {
    const certificate = await falcoriaCertificate({ expired: true });
    const client = await serve(certificate);
    await client({ ca: certificate.cert }).trusts();
    await client({ ownCertificate: certificate.cert }).trusts();
    await client({ ca: (await falcoriaCertificate({ expired: true })).cert }).refuses(/SCANLEDGER_CA/);
  });
});
