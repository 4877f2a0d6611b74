import Joi from 'joi';
import { PROJECT_EVENTS, type ProjectEventType } from '../../adapters/events/event.ts';
import { isPrivateHost } from '../../adapters/webhooks/publicAddress.ts';
import { isSecret } from '../../adapters/webhooks/signature.ts';
import { WEBHOOK_FORMATS, type Webhook } from '../../adapters/webhooks/webhookStore.ts';
import { list, named, number, oneOf, text, time } from '../openapi/answerSchemas.ts';

const MOST = 10;
const LONGEST_URL = 2_000;
const BAD_URL = 'value_error';
const BAD_SECRET = 'secret.base';

export interface WebhookBody {
  webhooks: { url: string; events: ProjectEventType[]; format: Webhook['format']; secret?: string }[];
}

/** Why it cannot be called; undefined: it can be. */
function problemOf(typed: string): string | undefined {
  if (!URL.canParse(typed)) return 'it is no URL';
  const { protocol, username, password } = new URL(typed);
  if (protocol !== 'https:' && protocol !== 'http:') return 'it begins with https:// or http://';
  if (username !== '' || password !== '')
    return 'a name or password in it would be sent along: calls are signed with the secret instead';
  return undefined;
}

/** The body of PUT. What names lead to is looked at with each call. */
export function webhooksSchema(allowPrivate: boolean): Joi.ObjectSchema<WebhookBody> {
  const url = Joi.string()
    .max(LONGEST_URL)
    .custom((typed: string, helpers) => {
      const problem = problemOf(typed);
      if (problem !== undefined) return helpers.error(BAD_URL, { problem });
      if (!allowPrivate && isPrivateHost(new URL(typed).hostname))
        return helpers.error(BAD_URL, { problem: 'it is a private or special address' });
      return new URL(typed).href;
    })
    .messages({ [BAD_URL]: '{{#problem}}' });
  return Joi.object<WebhookBody>({
    webhooks: Joi.array()
      .items(
        Joi.object({
          url: url
            .required()
            .description('`https` or `http`; called with POST')
            .example('https://ops.example.com/tasker'),
          events: Joi.array()
            .items(Joi.string().valid(...PROJECT_EVENTS))
            .min(1)
            .unique()
            .default([...PROJECT_EVENTS])
            .description('Which; without it all'),
          format: Joi.string()
            .valid(...WEBHOOK_FORMATS)
            .default('standard')
            .description('`slack`: `{"text": …}` for Slack and Mattermost, in the place of the event'),
          secret: Joi.string()
            .custom((typed: string, helpers) => (isSecret(typed) ? typed : helpers.error(BAD_SECRET)))
            .messages({ [BAD_SECRET]: 'it is `whsec_` and the base64 of 24 to 64 bytes' })
            .description(
              'What calls are signed with: `whsec_` and base64. Without it the one that the URL has stays, or one is made and shown once',
            ),
        }).meta({ className: 'NewWebhook' }),
      )
      .max(MOST)
      .unique('url')
      .required(),
  }).meta({ className: 'NewWebhooks' });
}

/** As the document shows it. */
export const newWebhooksSchema = webhooksSchema(false);

const GONE = 'it answered 410: it is gone';
const HOOK = '0198a7c4-9b1f-4d0a-8a4e-2c1d6c1a7f10';
const call = { at: time('When').required(), event: text().description('Its id') };

const webhookFields = {
  id: text(),
  url: text(),
  events: list(oneOf(...PROJECT_EVENTS)),
  format: oneOf(...WEBHOOK_FORMATS),
  by: text().allow('').description('Who put it'),
  created_at: time('Since when').required(),
  disabled: text()
    .allow(null)
    .description('Why it is not called any more; null: it is. PUT the list again to have it called')
    .example(GONE),
  last_success: Joi.object(call).required().allow(null),
  last_failure: Joi.object({ ...call, reason: text() })
    .required()
    .allow(null),
  retried: number('Events that it has not got yet, and is called for again'),
  dropped: number(
    'Events that it never got: not delivered for a day, or refused while many others were, too',
  ),
};

export const webhooksAnswerSchema = named('Webhooks', { webhooks: list(named('Webhook', webhookFields)) });
export const writtenWebhooksSchema = named('WrittenWebhooks', {
  webhooks: list(
    named('WrittenWebhook', {
      ...webhookFields,
      secret: Joi.string().description('Of one for which it was just made, and only now'),
    }),
  ),
});

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=';

const webhookExample = {
  id: HOOK,
  url: 'https://ops.example.com/tasker',
  events: ['scan.finished', 'scan.failed', 'target.dead'],
  format: 'standard',
  by: 'alice',
  created_at: '2026-11-02T09:30:00.000Z',
  disabled: null,
  last_success: { at: '2026-11-02T10:02:11.000Z', event: '1793613731000-0' },
  last_failure: { at: '2026-11-02T10:01:06.000Z', event: '1793613666000-0', reason: 'it answered 502' },
  retried: 0,
  dropped: 0,
};

const chatExample = {
  ...webhookExample,
  ...{
    id: '0198a7c4-9b1f-4d0a-8a4e-2c1d6c1a7f11',
    url: 'https://chat.example.com/hooks/x1',
    format: 'slack',
  },
  ...{ events: [...PROJECT_EVENTS], disabled: GONE },
};

export const webhooksExample = { webhooks: [webhookExample, chatExample] };
export const writtenWebhooksExample = {
  webhooks: [
    webhookExample,
    { ...chatExample, disabled: null, last_success: null, last_failure: null, secret: SECRET },
  ],
};
export const newWebhooksExample = {
  webhooks: [
    { url: 'https://ops.example.com/tasker', events: ['scan.finished', 'scan.failed', 'target.dead'] },
    { url: 'https://chat.example.com/hooks/x1', format: 'slack', secret: SECRET },
  ],
};
