/** Calls of the API while anything may be away: a user asks again until there is an answer. */
import { setTimeout as delay } from 'node:timers/promises';
import { client } from '../attack/client.ts';
import type { Book } from './book.ts';

const AGAIN_MS = 500;
/** Until a user gives up. Longer than any outage of a run. */
const PATIENCE_MS = 60_000;

export interface Answer {
  status: number;
  body: unknown;
}

interface Asked {
  /** The first time. */
  askedAtMs: number;
  /** Whether one of the tries before the last one may have been heard. */
  again: boolean;
  /** undefined: none but 5xx. */
  answer: Answer | undefined;
  answeredAtMs: number;
}

type Method = 'POST' | 'GET' | 'PATCH';

export interface Caller {
  /** Once; undefined: no answer, or none with 200. */
  look(path: string): Promise<unknown>;
  /** Until there is an answer. */
  ask(method: Method, path: string, body?: object): Promise<Asked>;
}

export function openCaller(url: string, token: string, book: Book): Caller {
  const { ask } = client(url, token, '');
  const tried = async (method: Method, path: string, body?: object): Promise<Answer | undefined> => {
    try {
      const { status, json } = await ask(path, { method, ...(body && { body }) });
      if (status < 500) return { status, body: json };
    } catch {
      // The API was killed meanwhile, or is not up: nobody knows whether it was heard.
    }
    book.unanswered += 1;
    return undefined;
  };
  return {
    look: async (path) => {
      const answer = await tried('GET', path);
      return answer?.status === 200 ? answer.body : undefined;
    },
    async ask(method, path, body) {
      const askedAtMs = Date.now();
      for (let again = false; ; again = true) {
        const answer = await tried(method, path, body);
        const answeredAtMs = Date.now();
        if (answer !== undefined || answeredAtMs > askedAtMs + PATIENCE_MS)
          return { askedAtMs, again, answer, answeredAtMs };
        await delay(AGAIN_MS);
      }
    },
  };
}
