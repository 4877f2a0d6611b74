import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** PEM texts. The certificate is its own authority. */
export interface Certificate {
  cert: string;
  key: string;
}

interface CertificateOptions {
  /** @default localhost */
  commonName?: string;
  /** Names and addresses that it is for; empty: only the common name. @default those of this machine */
  altNames?: string;
  /** It was valid once. */
  expired?: boolean;
}

/** A fresh self-signed certificate, by the `openssl` program. */
export async function selfSignedCertificate(options: CertificateOptions = {}): Promise<Certificate> {
  const { commonName = 'localhost', altNames = 'IP:127.0.0.1,DNS:localhost', expired = false } = options;
  const directory = await mkdtemp(join(tmpdir(), 'certificate-'));
  const certFile = join(directory, 'cert.pem');
  const keyFile = join(directory, 'key.pem');
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args);
  try {
    await openssl(
      ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
      ...['-subj', `/CN=${commonName}`, '-days', '2', '-keyout', keyFile, '-out', certFile],
      ...(altNames === '' ? [] : ['-addext', `subjectAltName=${altNames}`]),
    );
    if (expired) await openssl('x509', '-in', certFile, '-signkey', keyFile, '-days', '-1', '-out', certFile);
    return { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
  } finally {
    await rm(directory, { recursive: true });
  }
}

export interface Authority {
  /** Its own certificate. */
  cert: string;
  /** A fresh certificate that it has signed. */
  issue(options?: CertificateOptions): Promise<Certificate>;
}

/** An authority that signs certificates for tests. */
export async function certificateAuthority(): Promise<Authority> {
  const { cert, key } = await selfSignedCertificate({ commonName: 'authority' });
  return { cert, issue: (options) => signed({ cert, key }, options) };
}

async function signed(authority: Certificate, options: CertificateOptions = {}): Promise<Certificate> {
  const { commonName = 'localhost', altNames = 'IP:127.0.0.1,DNS:localhost', expired = false } = options;
  const directory = await mkdtemp(join(tmpdir(), 'certificate-'));
  const path = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args);
  try {
    await writeFile(path('ca.pem'), authority.cert);
    await writeFile(path('ca.key'), authority.key);
    await writeFile(path('names'), altNames === '' ? '' : `subjectAltName=${altNames}\n`);
    await openssl(
      ...['req', '-new', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
      ...['-subj', `/CN=${commonName}`, '-keyout', path('key.pem'), '-out', path('request.pem')],
    );
    await openssl(
      ...['x509', '-req', '-in', path('request.pem'), '-CA', path('ca.pem'), '-CAkey', path('ca.key')],
      ...[
        '-extfile',
        path('names'),
        '-CAcreateserial',
        '-days',
        expired ? '-1' : '2',
        '-out',
        path('cert.pem'),
      ],
    );
    return { cert: await readFile(path('cert.pem'), 'utf8'), key: await readFile(path('key.pem'), 'utf8') };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** One for another name than that of this machine, signed by an authority of its own. */
export async function issuedCertificate({
  expired = false,
} = {}): Promise<{ authority: string; issued: Certificate }> {
  const authority = await certificateAuthority();
  const issued = await authority.issue({ commonName: 'falcoria', altNames: '', expired });
  return { authority: authority.cert, issued };
}

/** One as installations of Falcoria make it: for a name that nobody calls it by. */
export function falcoriaCertificate({ expired = false } = {}): Promise<Certificate> {
  return selfSignedCertificate({ commonName: 'falcoria', altNames: '', expired });
}
