import { expect, it } from 'vitest';
import { isSecret, newSecret, signedHeaders } from '../../../src/adapters/webhooks/signature.ts';

it('a call is signed as the example of Standard Webhooks is', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const headers = signedHeaders(
    secret,
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330,
    '{"test": 2432232314}',
  );
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

it('a secret is whsec_ and the base64 of 24 to 64 bytes', () => {
  const of = (bytes: number) => `whsec_${Buffer.alloc(bytes, 0xfb).toString('base64')}`;
  expect([23, 24, 64, 65].map((bytes) => isSecret(of(bytes)))).toEqual([false, true, true, false]);
  const good = of(32);
  const bad = [
    good.slice(6),
    good.slice(0, -1),
    `${good} `,
    good.replaceAll('+', '-'),
    `whsec_${'!'.repeat(44)}`,
  ];
  expect(bad.map(isSecret)).toEqual(bad.map(() => false));
  const made = [newSecret(), newSecret()];
  expect([made.every(isSecret), new Set(made).size]).toEqual([true, 2]);
});
