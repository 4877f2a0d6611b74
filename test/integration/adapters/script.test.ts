import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { namedFields, RedisScript } from '../../../src/adapters/redis/script.ts';
import { ownRedisDb, services } from '../../support/services.ts';

let redis: Redis;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
afterAll(() => redis?.disconnect());

it('a script gets named fields as text, numbers of any size too, and none that is undefined', async () => {
  const script = new RedisScript<unknown[]>(`
local given = cjson.decode(ARGV[1])
return {'n' .. given.size, given.list[2].name, given.missing == nil and 'missing' or 'there'}
`);
  const given = namedFields({ size: 10 ** 15, list: [{}, { name: 'ü\u0000"' }], missing: undefined });
  expect(await script.run(redis, [], [given])).toEqual(['n1000000000000000', 'ü\u0000"', 'missing']);
});
