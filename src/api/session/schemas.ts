import Joi from 'joi';
import { named, text, time } from '../openapi/answerSchemas.ts';
import { ALICE } from '../openapi/examples.ts';

/** What a log-in is made with: a token, or the code of a link that somebody with a token made. */
export interface LogIn {
  token?: string;
  code?: string;
}

export const logInSchema = Joi.object<LogIn>({
  token: Joi.string().max(4_096).description('As it stands in `Authorization: Bearer`').example('s3cret'),
  code: Joi.string()
    .max(200)
    .description('Of `POST /session/links`; good for once')
    .example('pY3v0m8mYwX1cB2rT4kQ5nD6sF7gH8jL9zA0eRtUiOo'),
})
  .xor('token', 'code')
  .messages({ 'object.missing': 'give `token` or `code`', 'object.xor': 'give `token` or `code`, not both' })
  .meta({ className: 'LogIn' });

export const sessionSchema = named('Session', {
  user: Joi.object({ id: text(), username: text() }).required().description('Who is logged in'),
  admin: Joi.boolean().required().description('Sees every project'),
  expires_at: time('When the session ends; null: it is no session, a token called').allow(null).required(),
});

export const sessionExample = { user: ALICE, admin: false, expires_at: '2026-11-02T21:30:00.000Z' };

export const endedSchema = Joi.object({
  ended: Joi.boolean().required().description('false: there was none'),
});

export const loginLinkSchema = named('LoginLink', {
  code: text().description('The console takes it behind `/#login=`'),
  expires_at: time('Until when it is good').required(),
});

export const loginLinkExample = {
  code: 'pY3v0m8mYwX1cB2rT4kQ5nD6sF7gH8jL9zA0eRtUiOo',
  expires_at: '2026-11-02T09:40:00.000Z',
};
