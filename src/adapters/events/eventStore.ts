import { projectKeys } from '../redis/keys.ts';
import { Store } from '../redis/store.ts';
import { compareIds, PROJECT_EVENTS, type ProjectEvent } from './event.ts';
import { BEFORE_ALL } from './script.ts';

export interface EventPage {
  events: ProjectEvent[];
  /** The id to go on behind: of the last one that was looked at. */
  last: string;
  /** Those behind `after` up to this one went before they were read; undefined: none. */
  missedUpTo: string | undefined;
}

/** What has happened in a project, oldest first. The scripts that change something write it; see script.ts. */
export class EventStore extends Store {
  /** Those behind the event `after`. */
  async page(project: string, after: string, limit: number): Promise<EventPage> {
    const key = projectKeys(project).events;
    const rows = await this.redis.xrange(key, `(${after}`, '+', 'COUNT', limit);
    const behind = rows[0]?.[1][5] ?? BEFORE_ALL;
    return {
      events: rows.flatMap(([id, fields]) => eventOf(project, id, fields)),
      last: rows.at(-1)?.[0] ?? after,
      missedUpTo: compareIds(behind, after) > 0 ? behind : undefined,
    };
  }

  /** undefined: it has gone, or is none of ours. */
  async find(project: string, id: string): Promise<ProjectEvent | undefined> {
    const [row] = await this.redis.xrange(projectKeys(project).events, id, id);
    return row && eventOf(project, ...row)[0];
  }
}

function eventOf(project: string, id: string, fields: readonly string[]): ProjectEvent[] {
  const [, typed, , text = '{}'] = fields;
  const type = PROJECT_EVENTS.find((each) => each === typed);
  if (type === undefined) return [];
  const timestamp = new Date(Number.parseInt(id, 10)).toISOString();
  return [{ id, type, timestamp, project, data: JSON.parse(text) as Record<string, unknown> }];
}
