import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REQUEST_EVENTS } from '../../src/api/http/requestLog.ts';
import { markdownTable } from './table.ts';

/** What is logged by default, the worst first. */
const LEVELS = ['fatal', 'error', 'warn', 'info'];
const CALL = /\blog(?:\.(trace|debug|info|warn|error|fatal)|\[(.+)\])\(/gi;
const TEXT = /(?<quote>['"])((?:\\.|(?!\k<quote>).)*)\k<quote>/g;

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));

export interface LogEvent {
  event: string;
  levels: readonly string[];
  /** Below `src`. */
  file: string;
}

/** Every event of the log, for Markdown. */
export function eventTable(): string {
  const rows = allEvents().map(({ event, levels, file }) => [event, levels.join(', '), `\`src/${file}\``]);
  return markdownTable(['`msg`', '`level`', 'written by'], rows);
}

function allEvents(): LogEvent[] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.ts$/.test(name),
  );
  const found = files.flatMap((file) => eventsIn(file, readFileSync(join(SOURCES, file), 'utf8')));
  const file = 'api/http/requestLog.ts';
  const ofRequests = Object.values(REQUEST_EVENTS).map((event) => ({
    event,
    levels: ['warn', 'info'],
    file,
  }));
  const rank = ({ levels }: LogEvent) => Math.min(...levels.map((level) => LEVELS.indexOf(level)));
  const byEvent = new Map([...found, ...ofRequests].map((each) => [`${each.event} ${each.levels}`, each]));
  return [...byEvent.values()].toSorted((a, b) => rank(a) - rank(b) || a.event.localeCompare(b.event, 'en'));
}

/**
 * What the calls of a logger in a file say. The event of a call is its last argument: a text, or one of several.
 * @throws when that is no text: an event that is made up as it comes has no name
 */
export function eventsIn(file: string, text: string): LogEvent[] {
  return Array.from(text.matchAll(CALL), (call) => {
    const [start, level, chosen = ''] = call;
    const levels = level === undefined ? textsIn(chosen) : [level];
    // A level that follows from something else may be any of these.
    if (levels.length === 0) levels.push('error', 'warn', 'info');
    const logged = levels.filter((one) => LEVELS.includes(one));
    const events = textsIn(choices(lastArgument(text, call.index + start.length)));
    if (logged.length > 0 && events.length === 0)
      throw new Error(`${file}: ${start} has no text as its event`);
    // The one is chosen as the other is.
    const areOnePair = events.length > 1 && events.length === levels.length;
    return events.map((event, index) => {
      const own = areOnePair ? logged.filter((one) => one === levels[index]) : logged;
      return { event, levels: own, file };
    });
  })
    .flat()
    .filter(({ levels }) => levels.length > 0);
}

/** Of `condition ? a : b` what may come of it. */
function choices(code: string): string {
  const bare = code.replaceAll(/^\s*\/\/.*$/gm, '').trim();
  return /^['"]/.test(bare) ? bare : bare.replace(/^[\s\S]*?\s\?\s/, '');
}

function textsIn(code: string): string[] {
  return Array.from(code.matchAll(TEXT), ([, , text = '']) => text.replaceAll(/\\(.)/g, '$1'));
}

/** Of the call whose arguments begin at `from`. */
function lastArgument(text: string, from: number): string {
  let depth = 1;
  let begin = from;
  for (let at = from; at < text.length; at++) {
    const [skipped] = /^(?:(['"`])(?:\\[\s\S]|(?!\1)[\s\S])*\1|\/\/.*)/.exec(text.slice(at)) ?? [''];
    at += skipped.length;
    const char = text[at] ?? '';
    if ('([{'.includes(char)) depth += 1;
    if (')]}'.includes(char)) depth -= 1;
    if (depth === 0) return text.slice(begin, at);
    // A comma behind the last argument has nothing behind it.
    if (char === ',' && depth === 1 && !/^\s*\)/.test(text.slice(at + 1))) begin = at + 1;
  }
  return '';
}
