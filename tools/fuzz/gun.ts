/** Sends shots over connections that stay open, as fast as they are answered. */
import { type Dispatcher, Pool } from 'undici';
import { bytesOf, type Shot } from './shots.ts';

const CONNECTIONS = 48;
const PATIENCE_MS = 60_000;

export interface Hit {
  shot: Shot;
  /** 0: the connection was closed without an answer. */
  status: number;
  text: string;
  ms: number;
}

export interface Gun {
  fire(shot: Shot): Promise<Hit>;
  /** All of them, so many at once. */
  volley(shots: readonly Shot[], onHit: (hit: Hit) => void): Promise<void>;
  close(): Promise<void>;
}

export function openGun(url: string): Gun {
  const pool = new Pool(url, {
    connections: CONNECTIONS,
    headersTimeout: PATIENCE_MS,
    bodyTimeout: PATIENCE_MS,
  });
  const fire: Gun['fire'] = async (shot) => {
    const begun = performance.now();
    try {
      const answer = await pool.request({
        method: shot.method as 'GET',
        path: shot.path,
        headers: { ...shot.headers, ...(shot.gzip && { 'content-encoding': 'gzip' }) },
        body: bytesOf(shot),
      });
      const text = isEndless(answer) ? '' : await textOf(answer);
      return { shot, status: answer.statusCode, text, ms: performance.now() - begun };
    } catch (error) {
      return { shot, status: 0, text: String(error), ms: performance.now() - begun };
    }
  };
  return {
    fire,
    async volley(shots, onHit) {
      let next = 0;
      const lane = async () => {
        for (let shot = shots[next++]; shot !== undefined; shot = shots[next++]) onHit(await fire(shot));
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, lane));
    },
    close: () => pool.destroy(),
  };
}

/** Events come for as long as somebody reads: its head is all of the answer that there is to wait for. */
function isEndless({ headers, body }: Dispatcher.ResponseData): boolean {
  if (!String(headers['content-type']).startsWith('text/event-stream')) return false;
  body.on('error', () => {}).destroy();
  return true;
}

/** Only what went wrong is worth keeping. */
async function textOf({ statusCode, body }: Dispatcher.ResponseData): Promise<string> {
  if (statusCode >= 500) return body.text();
  await body.dump({ limit: 1e9 });
  return '';
}
