/** Whether what the workers ran fits what the users were told. Pure. */
import { taskIds } from '../../src/jobs/taskIds.ts';
import type { Accepted, Ban, Book, Kill } from './book.ts';
import type { Record } from './records.ts';

/**
 * After the answer to a stop, a cancel or an exclusion, by the clock on the wall: whoever is away meanwhile, and however
 * often. Where the answer is that it follows when RabbitMQ is back (202), after that return.
 */
export const GRACE_MS = 10_000;

export interface Finding {
  check: string;
  /** One line for each case. */
  cases: string[];
  /** How many there may be. */
  allowed: number;
  /** Out of how many. */
  of: string;
}

export function holds({ cases, allowed }: Finding): boolean {
  return cases.length <= allowed;
}

/** Accepted targets that were never scanned to their end, though nobody took them back. */
export function neverRun({ accepted, bans }: Book, records: readonly Record[]): Finding {
  const scanned = new Set(records.filter(({ what }) => what === 'scanned').map(({ task }) => task));
  const cases: string[] = [];
  let targets = 0;
  let excused = 0;
  for (const request of accepted) {
    const ips = request.ips ?? [];
    const ids = taskIds(
      request.submission,
      ips.map((ip) => ({ ip, ports: request.ports })),
    );
    targets += ips.length;
    for (const [index, ip] of ips.entries()) {
      if (bans.some((ban) => mayHold(ban, request, ip))) excused += 1;
      else if (!scanned.has(ids[index] ?? ''))
        cases.push(`${ip} of submission ${request.submission}, task ${ids[index]}`);
    }
  }
  return {
    check: 'accepted targets never run',
    cases,
    allowed: 0,
    of: `${targets} accepted, ${targets - excused} had to run`,
  };
}

/** Whether this may be why a target was not scanned, answered or not. It takes nothing back that had finished before. */
function mayHold(ban: Ban, request: Accepted, ip: string): boolean {
  if (ban.project !== request.project) return false;
  if (request.finishedAtMs !== undefined && request.finishedAtMs < ban.askedAtMs) return false;
  if (ban.kind === 'cancelled') return ban.submission === request.submission;
  if (ban.kind === 'excluded') return ban.ips?.includes(ip) ?? false;
  return ban.askedAtMs >= request.askedAtMs;
}

/** Tasks that a worker began although they had been taken back a while ago. */
export function ranTooLate(book: Book, records: readonly Record[]): Finding {
  const submissionOf = new Map<string, string>();
  for (const { submission, ips = [], ports } of book.accepted) {
    for (const id of taskIds(
      submission,
      ips.map((ip) => ({ ip, ports })),
    ))
      submissionOf.set(id, submission);
  }
  const askedAtMs = new Map(book.requests.map(({ ports, askedAtMs }) => [ports, askedAtMs]));
  const outages = book.kills.filter(({ kind }) => kind === 'rabbitmq');
  const isMeant = (ban: Ban, { project, ip, task, ports }: Record) => {
    if (ban.project !== project) return false;
    if (ban.kind === 'excluded') return ban.ips?.includes(ip) ?? false;
    if (ban.kind === 'cancelled') return ban.submission === submissionOf.get(task);
    return (askedAtMs.get(ports) ?? Number.POSITIVE_INFINITY) < ban.askedAtMs;
  };
  const cases: string[] = [];
  for (const record of records.filter(({ what }) => what === 'begun')) {
    for (const ban of book.bans) {
      if (ban.answeredAtMs === undefined || !isMeant(ban, record)) continue;
      const lateMs = lateBy(ban.answeredAtMs, record.atMs, ban.follows ? outages : []);
      if (lateMs <= GRACE_MS) continue;
      const late = `${(lateMs / 1_000).toFixed(1)} s after the answer`;
      cases.push(`${record.ip} was ${ban.kind}, and began ${late}: task ${record.task}`);
    }
  }
  const answered = book.bans.filter(({ answeredAtMs }) => answeredAtMs !== undefined).length;
  const of = `${answered} stops, cancels, exclusions`;
  return { check: 'runs of what was taken back', cases, allowed: 0, of };
}

/** How much of this time RabbitMQ was there. */
export function lateBy(fromMs: number, toMs: number, outages: readonly Kill[]): number {
  let ms = 0;
  let at = fromMs;
  for (const { atMs, backAtMs = Number.POSITIVE_INFINITY } of outages.toSorted((a, b) => a.atMs - b.atMs)) {
    ms += Math.max(0, Math.min(atMs, toMs) - at);
    at = Math.max(at, Math.min(backAtMs, toMs));
  }
  return ms + Math.max(0, toMs - at);
}

/**
 * Tasks that were scanned to their end more than once. One whose worker was killed before it could say that it is
 * through has to run again, and is none. `part`: the most tasks that Tasker sends together.
 */
export function duplicates(book: Book, records: readonly Record[], part: number): Finding {
  const killed = new Set(book.kills.filter(({ kind }) => kind === 'workers').map(({ pid }) => pid));
  const key = ({ task, pid }: Record) => `${task} ${pid}`;
  const through = new Set(records.filter(({ what }) => what === 'acknowledged').map(key));
  const ends = new Map<string, number>();
  const cases: string[] = [];
  for (const record of records.filter(({ what }) => what === 'scanned')) {
    if (killed.has(record.pid) && !through.has(key(record))) continue;
    const count = (ends.get(record.task) ?? 0) + 1;
    ends.set(record.task, count);
    if (count > 1) cases.push(`${record.ip} for the ${count}. time: task ${record.task}`);
  }
  const allowed = part * book.kills.length;
  return { check: 'duplicates', cases, allowed, of: `${ends.size} tasks, ${part} allowed a kill` };
}
