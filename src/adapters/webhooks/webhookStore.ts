import type { AuditNote } from '../audit/entry.ts';
import type { ProjectEventType } from '../events/event.ts';
import { projectKeys, WEBHOOKS_DUE_KEY } from '../redis/keys.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';

export const WEBHOOK_FORMATS = ['standard', 'slack'] as const;

/** Whom to call of what happens in a project. */
export interface Webhook {
  id: string;
  url: string;
  events: ProjectEventType[];
  format: (typeof WEBHOOK_FORMATS)[number];
  /** `whsec_…`, as it is: whoever signs needs it. */
  secret: string;
  by: string;
  /** ISO 8601. */
  createdAt: string;
}

interface Call {
  /** ISO 8601. */
  at: string;
  event: string;
}

interface WebhookState {
  /** The last event that it was called for, or that is not its own. */
  cursor: string;
  success: Call | undefined;
  failure: (Call & { reason: string }) | undefined;
  /** Events that it never got. */
  dropped: number;
  /** Why it is not called any more; undefined: it is. */
  disabled: string | undefined;
}

export type KnownWebhook = Webhook & WebhookState;

/**
 * Puts a list in the place of another. One that was there goes on where it is; one that is new, or was disabled, begins
 * with what happens from now on. KEYS webhooks, states, events. ARGV list of {id, text}. Returns how many there were.
 */
const REPLACE = new RedisScript<number>(`
local webhooks, states, events = unpack(KEYS)
local newest = redis.call('XREVRANGE', events, '+', '-', 'COUNT', 1)[1]
local before = redis.call('HLEN', webhooks)
local fields = redis.call('HGETALL', states)
local known = {}
for i = 1, #fields, 2 do known[fields[i]] = fields[i + 1] end
redis.call('DEL', webhooks, states)
for _, given in ipairs(cjson.decode(ARGV[1]).list) do
  local id = given.id
  redis.call('HSET', webhooks, id, given.text)
  for _, name in ipairs({'success', 'failure', 'dropped'}) do
    if known[id .. ':' .. name] then redis.call('HSET', states, id .. ':' .. name, known[id .. ':' .. name]) end
  end
  local cursor = not known[id .. ':disabled'] and known[id .. ':cursor']
  redis.call('HSET', states, id .. ':cursor', cursor or (newest and newest[1]) or '0-0')
end
return before
`);

/**
 * Notes how a call ended, if the webhook is still there. KEYS webhooks, states. ARGV id, event that it is through with or
 * '', '1' if it never got that, then fields and values of the state ... Returns whether it is through with more than before.
 */
const NOTE = new RedisScript<0 | 1>(`
local id, event = ARGV[1], ARGV[2]
if redis.call('HEXISTS', KEYS[1], id) == 0 then return 0 end
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[2], id .. ':' .. ARGV[i], ARGV[i + 1]) end
if event == '' then return 0 end
local function partsOf(text)
  local ms, number = string.match(text, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(number)
end
local ms, number = partsOf(event)
local beforeMs, beforeNumber = partsOf(redis.call('HGET', KEYS[2], id .. ':cursor') or '0-0')
if ms < beforeMs or (ms == beforeMs and number <= beforeNumber) then return 0 end
redis.call('HSET', KEYS[2], id .. ':cursor', event)
if ARGV[3] == '1' then redis.call('HINCRBY', KEYS[2], id .. ':dropped', 1) end
return 1
`);

/** Nothing has happened since. ARGV project, counter that was read. */
const SETTLED = new RedisScript<null>(`
if redis.call('HGET', '${WEBHOOKS_DUE_KEY}', ARGV[1]) == ARGV[2] then
  redis.call('HDEL', '${WEBHOOKS_DUE_KEY}', ARGV[1])
end
`);

/** Webhooks of projects, and how far each of them is. */
export class WebhookStore extends Store {
  async all(project: string): Promise<KnownWebhook[]> {
    const { webhooks, webhookStates } = projectKeys(project);
    const [texts, states] = await Promise.all([
      this.redis.hgetall(webhooks),
      this.redis.hgetall(webhookStates),
    ]);
    return Object.values(texts).map((text) => {
      const webhook = JSON.parse(text) as Webhook;
      return { ...webhook, ...stateOf(webhook.id, states) };
    });
  }

  async replace(project: string, list: readonly Webhook[], note?: AuditNote): Promise<number> {
    const { webhooks, webhookStates, events } = projectKeys(project);
    const given = namedFields({ list: list.map((one) => ({ id: one.id, text: JSON.stringify(one) })) });
    return REPLACE.run(this.redis, [webhooks, webhookStates, events], [given], note);
  }

  /** Project -> counter: those whose webhooks may not have heard of all that has happened. */
  due(): Promise<Record<string, string>> {
    return this.redis.hgetall(WEBHOOKS_DUE_KEY);
  }

  /** All of them have heard of what had happened when the counter was read. */
  async settled(project: string, counter: string): Promise<void> {
    await SETTLED.run(this.redis, [], [project, counter]);
  }

  /** It is through with this event, and all before it. */
  async passed(project: string, id: string, event: string): Promise<void> {
    await this.#note(project, id, event, false, {});
  }

  async succeeded(project: string, id: string, call: Call): Promise<void> {
    await this.#note(project, id, call.event, false, { success: JSON.stringify(call) });
  }

  async failed(project: string, id: string, call: Call & { reason: string }): Promise<void> {
    await this.#note(project, id, '', false, { failure: JSON.stringify(call) });
  }

  /** It never gets this event. false: that was known. */
  async dropped(project: string, id: string, event: string): Promise<boolean> {
    return (await this.#note(project, id, event, true, {})) === 1;
  }

  /** It is not called any more, until somebody puts it once more. */
  async disable(project: string, id: string, why: string): Promise<void> {
    await this.#note(project, id, '', false, { disabled: why });
  }

  #note(project: string, id: string, event: string, isDropped: boolean, state: Record<string, string>) {
    const { webhooks, webhookStates } = projectKeys(project);
    const args = [id, event, isDropped ? '1' : '', ...Object.entries(state).flat()];
    return NOTE.run(this.redis, [webhooks, webhookStates], args);
  }
}

function stateOf(id: string, fields: Readonly<Record<string, string>>): WebhookState {
  const of = (name: string) => fields[`${id}:${name}`];
  const read = <T>(text: string | undefined) => (text === undefined ? undefined : (JSON.parse(text) as T));
  return {
    cursor: of('cursor') ?? '0-0',
    success: read<Call>(of('success')),
    failure: read<Call & { reason: string }>(of('failure')),
    dropped: Number(of('dropped') ?? 0),
    disabled: of('disabled'),
  };
}
