/** A caller that hangs up: what is done for it ends. */
import { expect, it } from 'vitest';
import { eventually } from '../../support/services.ts';
import { bearer, flowsWith, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

it('ends what is worked out for an answer, and nothing has failed', async () => {
  let signal: AbortSignal | undefined;
  const explain = (_project: string, _asked: unknown, _after: unknown, given: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal = given;
      given.addEventListener('abort', () => reject(given.reason));
    });
  const server = await testServer({ flows: flowsWith({ explain }) });
  try {
    const caller = new AbortController();
    const asked = fetch(`${server.url}/tasks/${PROJECT}/explain?target=9.9.9.9`, {
      headers: bearer(TOKENS.admin),
      signal: caller.signal,
    });
    await eventually('it is worked out', async () => signal !== undefined);
    expect(signal?.aborted).toBe(false);
    caller.abort();
    await expect(asked).rejects.toThrow();
    await eventually('it is told', async () => signal?.aborted === true);
    await eventually('the log says so', async () => server.lines.some((line) => line.includes('hung up')));
    expect(server.lines.filter((line) => line.includes('a request failed'))).toEqual([]);
  } finally {
    await server.close();
  }
});
