import type { AuditNote } from '../audit/entry.ts';
import { compareIds, type ProjectEventType } from '../events/event.ts';
import { projectKeys, WEBHOOKS_DUE_KEY } from '../redis/keys.ts';
import { namedFields } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { DISABLE, NOTE, REPLACE, RETRIED, SETTLED } from './scripts.ts';

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
  /** The last event that it was called for, with or without success, or that is not its own. */
  cursor: string;
  /** Up to there it was called without success for these, and is called again; oldest first. */
  retried: string[];
  success: Call | undefined;
  failure: (Call & { reason: string }) | undefined;
  /** Events that it never got. */
  dropped: number;
  /** Why it is not called any more; undefined: it is. */
  disabled: string | undefined;
}

export type KnownWebhook = Webhook & WebhookState;

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

  /** This event, and all up to it, are no concern of its. */
  async passed(project: string, id: string, event: string): Promise<void> {
    await this.#note(project, id, event, 'through');
  }

  async succeeded(project: string, id: string, call: Call): Promise<void> {
    await this.#note(project, id, call.event, 'through', 'success', JSON.stringify(call));
  }

  /** It is called again for this event, and for the next ones meanwhile. */
  async failed(project: string, id: string, call: Call & { reason: string }): Promise<void> {
    await this.#note(project, id, call.event, 'retried', 'failure', JSON.stringify(call));
  }

  /** It never gets this event. false: that was known. */
  async dropped(project: string, id: string, event: string): Promise<boolean> {
    return (await this.#note(project, id, event, 'dropped')) === 1;
  }

  /** It is not called any more, until somebody puts it once more. */
  async disable(project: string, id: string, why: string): Promise<void> {
    await DISABLE.run(this.redis, keysOf(project), [id, why]);
  }

  #note(
    project: string,
    id: string,
    event: string,
    ended: 'through' | 'retried' | 'dropped',
    ...state: string[]
  ): Promise<0 | 1> {
    return NOTE.run(this.redis, keysOf(project), [id, event, ended, ...state]);
  }
}

function keysOf(project: string): string[] {
  const { webhooks, webhookStates } = projectKeys(project);
  return [webhooks, webhookStates];
}

function stateOf(id: string, fields: Readonly<Record<string, string>>): WebhookState {
  const of = (name: string) => fields[`${id}:${name}`];
  const read = <T>(text: string | undefined) => (text === undefined ? undefined : (JSON.parse(text) as T));
  const retried = Object.keys(fields).filter((field) => field.startsWith(id + RETRIED));
  return {
    cursor: of('cursor') ?? '0-0',
    retried: retried.map((field) => field.slice(id.length + RETRIED.length)).sort(compareIds),
    success: read<Call>(of('success')),
    failure: read<Call & { reason: string }>(of('failure')),
    dropped: Number(of('dropped') ?? 0),
    disabled: of('disabled'),
  };
}
