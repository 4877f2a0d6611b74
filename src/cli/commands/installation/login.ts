import { resolve } from 'node:path';
import { ApiError } from '../../../client/client.ts';
import {
  type ClientSettings,
  clientSettings,
  storeSettings,
  webAddress,
} from '../../../config/commandLine.ts';
import { EXIT, Exit, usage } from '../../exitCodes.ts';
import { exitOf } from '../../failures.ts';
import { type GlobalOptions, sessionFor } from '../../session.ts';
import { ask, askHidden, readStdin } from '../../terminal/ask.ts';

const LOOPBACK = /^http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/;

/** Stores what works; what is stored already does not count, and may be broken. */
export async function login(options: GlobalOptions): Promise<void> {
  const known = clientSettings(options, { stored: false });
  const isAsked = process.stdin.isTTY;
  const url = isAsked && !options.url ? (await ask(`URL [${known.url}]: `)) || known.url : known.url;
  const token = (isAsked ? await askHidden('Token (it is not shown): ') : await readStdin()).trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw usage('a token is one word; nothing was stored');
  const settings: ClientSettings = {
    url: webAddress(url),
    token,
    ...(known.project !== undefined && { project: known.project }),
    ...(known.ca !== undefined && { ca: resolve(known.ca) }),
  };
  const { client, out } = await sessionFor(settings, options);
  await client.call('listWorkers', {}).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.status !== 401) throw exitOf(error, settings);
    throw new Exit(EXIT.notAllowed, `${settings.url} does not know this token; nothing was stored`);
  });
  if (settings.url.startsWith('http:') && !LOOPBACK.test(settings.url))
    out.note('the token travels readable: give the server a certificate, and use https://');
  const path = storeSettings(settings);
  if (out.json) out.value({ stored: path, url: settings.url });
  else out.lines([`stored in ${path}, which only you may read`]);
}
