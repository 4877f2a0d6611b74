import { projectKeys } from '../redis/keys.ts';
import { Store } from '../redis/store.ts';
import { compareIds, PROJECT_EVENTS, type ProjectEvent } from './event.ts';

export interface EventPage {
  events: ProjectEvent[];
  /** The id to go on behind: of the last one that was looked at. */
  last: string;
  /** Events behind `after` went before they were read. */
  missed: boolean;
}

/** Before all events. */
export const BEFORE_ALL = '0-0';

/** What has happened in a project, oldest first. The scripts that change something write it; see script.ts. */
export class EventStore extends Store {
  /** Those behind the event `after`. */
  async page(project: string, after: string, limit: number): Promise<EventPage> {
    const key = projectKeys(project).events;
    // First: what goes between the two looks is missed by one who is told so, or was read.
    const rows = await this.redis.xrange(key, `(${after}`, '+', 'COUNT', limit);
    const goneUpTo = await this.#goneUpTo(key);
    return {
      events: rows.flatMap(([id, fields]) => eventOf(project, id, fields)),
      last: rows.at(-1)?.[0] ?? after,
      missed: after !== BEFORE_ALL && compareIds(goneUpTo, after) > 0,
    };
  }

  /** undefined: it has gone, or is none of ours. */
  async find(project: string, id: string): Promise<ProjectEvent | undefined> {
    const [row] = await this.redis.xrange(projectKeys(project).events, id, id);
    return row && eventOf(project, ...row)[0];
  }

  /** The id of the newest one. */
  async newest(project: string): Promise<string> {
    const [row] = await this.redis.xrevrange(projectKeys(project).events, '+', '-', 'COUNT', 1);
    return row?.[0] ?? BEFORE_ALL;
  }

  /** The newest of those that had to make room. */
  async #goneUpTo(key: string): Promise<string> {
    try {
      const flat = (await this.redis.xinfo('STREAM', key)) as unknown[];
      return String(flat[flat.indexOf('max-deleted-entry-id') + 1]);
    } catch {
      // There is no such stream.
      return BEFORE_ALL;
    }
  }
}

function eventOf(project: string, id: string, fields: readonly string[]): ProjectEvent[] {
  const [, typed, , text = '{}'] = fields;
  const type = PROJECT_EVENTS.find((each) => each === typed);
  if (type === undefined) return [];
  const timestamp = new Date(Number.parseInt(id, 10)).toISOString();
  return [{ id, type, timestamp, project, data: JSON.parse(text) as Record<string, unknown> }];
}
