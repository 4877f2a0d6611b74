/** What Tasker says of the submissions, after everything has ended. */
import { at, textAt } from '../attack/client.ts';
import type { Book } from './book.ts';
import type { Caller } from './caller.ts';
import type { Finding } from './judge.ts';

const PAGE = 200;

interface Listed {
  id: string;
  state: string;
  /** Dead letters. */
  failed: number;
  /** ISO 8601; empty: it has not finished. */
  finishedAt: string;
}

/** `query`: with an `&` at its end. */
export async function submissionsOf(caller: Caller, project: string, query = ''): Promise<Listed[]> {
  const items = await itemsOf(caller, `/tasks/${project}/submissions?${query}`, 'submissions');
  return items.map((item) => ({
    id: textAt(item, 'id'),
    state: textAt(item, 'state'),
    failed: Number(at(item, 'failed') ?? 0),
    finishedAt: textAt(item, 'finished_at'),
  }));
}

/** All pages of a list. Throws when one cannot be had. */
async function itemsOf(caller: Caller, path: string, field: string): Promise<unknown[]> {
  const items: unknown[] = [];
  for (let cursor = ''; ; ) {
    const { answer } = await caller.ask('GET', `${path}limit=${PAGE}${cursor}`);
    const page = at(answer?.body, field);
    if (!Array.isArray(page)) throw new Error(`${path} gave ${JSON.stringify(answer)}`);
    items.push(...page);
    const next = textAt(answer?.body, 'next');
    if (next === '') return items;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
}

/** Submissions that are neither done nor taken back, also those that nobody was told of. */
export async function stuck(caller: Caller, projects: readonly string[]): Promise<Finding> {
  const cases: string[] = [];
  let count = 0;
  for (const project of projects) {
    for (const { id, state } of await submissionsOf(caller, project)) {
      count += 1;
      if (state === 'done' || state === 'finished' || state === 'stopped') continue;
      const { answer } = await caller.ask('GET', `/tasks/${project}/submissions/${id}`);
      const failure = at(answer?.body, 'failure');
      cases.push(`${id} of ${project} is ${state}${failure ? `: ${JSON.stringify(failure)}` : ''}`);
    }
  }
  return { check: 'submissions stuck', cases, allowed: 0, of: `${count} submissions` };
}

/** Adds when each scan had finished, and what was accepted where the answer came too early to tell. */
export async function completeBook(book: Book, caller: Caller, projects: readonly string[]): Promise<void> {
  const lists = await Promise.all(projects.map((project) => submissionsOf(caller, project)));
  const finishedAt = new Map(lists.flat().map(({ id, finishedAt }) => [id, finishedAt]));
  for (const accepted of book.accepted) {
    const at = finishedAt.get(accepted.submission);
    if (at) accepted.finishedAtMs = Date.parse(at);
  }
  for (const accepted of book.accepted.filter(({ ips }) => ips === undefined)) {
    const path = `/tasks/${accepted.project}/submissions/${accepted.submission}/targets?`;
    const targets = await itemsOf(caller, path, 'targets');
    accepted.ips = targets
      .filter((target) => textAt(target, 'state') !== 'refused')
      .map((target) => textAt(target, 'target'));
  }
}
