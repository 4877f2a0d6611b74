import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  readHostnames,
  readHostnamesOf,
  writeHostnames,
} from '../../../src/adapters/dispatch/hostnameLists.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { hostnameBuckets, namesIn } from '../../../src/targets/hostnameBuckets.ts';
import { type Installation, ownInstallation } from '../../support/tasker.ts';

let installation: Installation;
beforeAll(async () => {
  installation = await ownInstallation();
});
afterAll(() => installation?.drop());

/** `count` addresses with one to three names each, of both families. */
function hostnamesOf(count: number) {
  const hostnames = new Map<string, string[]>();
  for (let index = 0; index < count; index++) {
    const address = index % 5 === 0 ? `2606:4700::${index.toString(16)}` : `8.8.${index >> 8}.${index & 255}`;
    hostnames.set(
      address,
      Array.from({ length: 1 + (index % 3) }, (_, of) => `h${index}-${of}.example.com`),
    );
  }
  const links = [...hostnames.values()].reduce((sum, names) => sum + names.length, 0);
  return { hostnames, links };
}

it.each([1, 2, 15, 16, 17, 100, 20_000])('the names of %d addresses are read back', async (count) => {
  const { redis } = installation;
  const { hostnames, links } = hostnamesOf(count);
  const place = { id: `count-${count}`, links };
  await writeHostnames(redis, place.id, hostnameBuckets(hostnames, place.links));

  const all = await readHostnames(redis, place);
  expect(new Map([...all].map(([address, text]) => [address, namesIn(text)]))).toEqual(hostnames);
  expect(JSON.parse(all.get('8.8.0.1') ?? '[]')).toEqual(hostnames.get('8.8.0.1') ?? []);

  const some = [...hostnames.keys()].filter((_, index) => index % 7 === 0);
  const wanted = new Map(some.map((address) => [address, hostnames.get(address)]));
  expect(await readHostnamesOf(redis, place, [...some, '9.9.9.9'])).toEqual(wanted);
});

it('many addresses take few fields', async () => {
  const { redis } = installation;
  const { hostnames, links } = hostnamesOf(20_000);
  await writeHostnames(redis, 'few', hostnameBuckets(hostnames, links));
  expect(await redis.hlen(submissionKeys('few').hostnames)).toBeLessThanOrEqual(Math.ceil(links / 16));
});

it('an earlier try that found something else leaves nothing behind that is read', async () => {
  const { redis } = installation;
  const first = hostnamesOf(300);
  await writeHostnames(redis, 'again', hostnameBuckets(first.hostnames, first.links));
  const second = new Map([
    ['8.8.0.1', ['other.example.com']],
    ['9.9.9.9', ['new.example.com']],
  ]);
  const place = { id: 'again', links: 2 };
  await writeHostnames(redis, place.id, hostnameBuckets(second, place.links));

  expect(await readHostnames(redis, place)).toEqual(
    new Map([
      ['8.8.0.1', '["other.example.com"]'],
      ['9.9.9.9', '["new.example.com"]'],
    ]),
  );
  expect(await readHostnamesOf(redis, place, ['8.8.0.1', '8.8.0.2'])).toEqual(
    new Map([['8.8.0.1', ['other.example.com']]]),
  );
});

it('Redis is asked for nothing where there are no names', async () => {
  const { redis } = installation;
  await redis.set(submissionKeys('none').hostnames, 'not even a hash');
  expect(await readHostnames(redis, { id: 'none', links: 0 })).toEqual(new Map());
  expect(await readHostnamesOf(redis, { id: 'none', links: 0 }, ['8.8.8.8'])).toEqual(new Map());
});
