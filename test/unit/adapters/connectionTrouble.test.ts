import { expect, it } from 'vitest';
import { connectionTrouble } from '../../../src/adapters/tls/trouble.ts';

const failure = (code: string, message = 'oh') => Object.assign(new Error(message), { code });

it('a server that hangs up or is silent over TLS may want a certificate, or not speak TLS', () => {
  for (const code of ['ECONNRESET', 'EPIPE', 'ETIMEDOUT']) {
    expect(connectionTrouble(failure(code), 'REDIS', {})).toBe(
      'oh: does the server speak TLS on this port? If it wants a certificate of ours, set REDIS_CERT and REDIS_KEY',
    );
    expect(connectionTrouble(failure(code), 'REDIS', { cert: 'c', key: 'k' })).toBe(
      'oh: does the server speak TLS on this port?',
    );
    expect(connectionTrouble(failure(code), 'REDIS', undefined)).toBe('oh');
  }
});

it('a certificate that is not valid yet, and one that the server refuses, are told apart', () => {
  expect(connectionTrouble(failure('CERT_NOT_YET_VALID'), 'REDIS', {})).toContain(
    'is the clock of this machine',
  );
  expect(connectionTrouble(failure('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), 'RABBITMQ', {})).toContain(
    'set RABBITMQ_CERT and RABBITMQ_KEY to one that its authority has signed (ERR_SSL_TLSV1_ALERT_UNKNOWN_CA)',
  );
});

it('everything else keeps its own words', () => {
  expect(connectionTrouble(failure('ECONNREFUSED'), 'REDIS', {})).toBe('oh');
  expect(connectionTrouble('no error at all', 'REDIS', {})).toBe('no error at all');
});
