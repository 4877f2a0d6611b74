import { describe, expect, it } from 'vitest';
import { eventsIn } from '../../../tools/docs/events.ts';

const events = (code: string) => eventsIn('x.ts', code).map(({ event, levels }) => `${levels}: ${event}`);

describe('the reader of log calls', () => {
  it.each([
    ["log.info('started');", ['info: started']],
    ["this.#log.warn({ err: messageOf(error) }, 'it is away');", ['warn: it is away']],
    [
      'services.log.error(\n  { a: [1, 2], b: f("x", y) }, // why, and "how"\n  \'it (all) broke\',\n);',
      ['error: it (all) broke'],
    ],
    [
      "log[final ? 'error' : 'warn']({ err }, final ? 'gave up' : 'tries again');",
      ['error: gave up', 'warn: tries again'],
    ],
    [
      "log.info({ n }, kind === 'plan' ? 'plan made' : 'scan ended');",
      ['info: plan made', 'info: scan ended'],
    ],
    ["log[last ? 'warn' : 'debug']({ err }, 'chore failed');", ['warn: chore failed']],
    ["log[LEVELS[method]]({ said }, 'a library says');", ['error,warn,info: a library says']],
    ['log.warn({ project }, "the users\' store is away");', ["warn: the users' store is away"]],
    ["log.debug(error.message); log.trace('x');", []],
    ['const catalog = x; catalogue(1);', []],
  ])('%s', (code, expected) => expect(events(code)).toEqual(expected));

  it('refuses an event without a name', () => {
    expect(() => events('log.warn(error.message);')).toThrow('x.ts: log.warn( has no text as its event');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code that is read
    expect(() => events('log.info({ id }, `done ${id}`);')).toThrow('has no text');
  });
});
