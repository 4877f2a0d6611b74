import { type AuditNote, nameIn } from '../audit/entry.ts';
import { EMIT } from '../events/script.ts';
import { PAUSED_KEY, PAUSES_KEY, projectKeys, submissionKeys } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { REFUSED_FOR, type RefusedFor } from '../submissions/endScripts.ts';

/** Who paused something, since when, and why. */
export interface Pause {
  /** ISO 8601. */
  since: string;
  by: string;
  why: string | null;
}

/** What is paused: a submission, a project, or everything. */
export interface PauseScope {
  project?: string;
  submission?: string;
}

/** A pause whose tasks are still to be taken out of RabbitMQ. `kill`: those that run too. */
export interface OpenPause {
  scope: PauseScope;
  running: 'finish' | 'kill';
}

/** What an event says of it. In Lua, for a scope and who. */
const TOLD = `
local function toldOf(scope, by)
  if scope.submission then return {what = 'scan', scan = scanOf(scope.submission, KEYS[1]), by = by} end
  return {what = scope.project and 'project' or 'installation', by = by}
end
`;

/** KEYS where it is noted, open pauses. ARGV project if it is a submission, or '', scope, JSON of the pause, of what is open. */
const PAUSE = new RedisScript<'done' | RefusedFor>(
  `${REFUSED_FOR}${EMIT}${TOLD}
local refused = ARGV[1] ~= '' and refusedFor(KEYS[1], ARGV[1])
if refused then return refused end
local isNew
if KEYS[1] == '${PAUSED_KEY}' then isNew = redis.call('SET', KEYS[1], ARGV[3], 'NX')
else isNew = redis.call('HSETNX', KEYS[1], 'paused', ARGV[3]) == 1 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
if isNew then
  local scope, pause = cjson.decode(ARGV[2]), cjson.decode(ARGV[3])
  local told = toldOf(scope, pause.by)
  told.why = pause.why
  tell(scope.project, 'scan.paused', told)
end
return 'done'
`,
  'also when Redis is full',
);

/** KEYS where it is noted, open pauses. ARGV project if it is a submission, or '', scope, who. */
const RESUME = new RedisScript<'done' | RefusedFor>(
  `${REFUSED_FOR}${EMIT}${TOLD}
local refused = ARGV[1] ~= '' and refusedFor(KEYS[1], ARGV[1])
if refused then return refused end
local wasPaused
if KEYS[1] == '${PAUSED_KEY}' then wasPaused = redis.call('DEL', KEYS[1]) == 1
else wasPaused = redis.call('HDEL', KEYS[1], 'paused') == 1 end
redis.call('HDEL', KEYS[2], ARGV[2])
if wasPaused then
  local scope = cjson.decode(ARGV[2])
  tell(scope.project, 'scan.resumed', toldOf(scope, ARGV[3]))
end
return 'done'
`,
  'also when Redis is full',
);

/** What somebody paused, at every level. What sends tasks looks at it in the step that tracks them; see TRACK. */
export class PauseStore extends Store {
  /** One that is paused already keeps its first pause. Of a submission: `ended`: nothing of it is left to be sent. */
  pause(
    scope: PauseScope,
    pause: Pause,
    running: OpenPause['running'],
    note?: AuditNote,
  ): Promise<'done' | RefusedFor> {
    const args = [projectToCheck(scope), textOf(scope), JSON.stringify(pause), JSON.stringify(running)];
    return PAUSE.run(this.redis, [placeOf(scope), PAUSES_KEY], args, note);
  }

  resume(scope: PauseScope, note?: AuditNote): Promise<'done' | RefusedFor> {
    const args = [projectToCheck(scope), textOf(scope), nameIn(note)];
    return RESUME.run(this.redis, [placeOf(scope), PAUSES_KEY], args, note);
  }

  /** The pause at this very level; undefined: there is none. */
  async find(scope: PauseScope): Promise<Pause | undefined> {
    const place = placeOf(scope);
    const text = await (place === PAUSED_KEY ? this.redis.get(place) : this.redis.hget(place, 'paused'));
    return text === null ? undefined : (JSON.parse(text) as Pause);
  }

  /** Those whose tasks may still be in RabbitMQ. */
  async open(): Promise<OpenPause[]> {
    return Object.entries(await this.redis.hgetall(PAUSES_KEY)).map(([scope, running]) => {
      return { scope: JSON.parse(scope) as PauseScope, running: JSON.parse(running) as OpenPause['running'] };
    });
  }

  /** Nothing of it is in RabbitMQ any more. */
  async takenBack(scope: PauseScope): Promise<void> {
    await this.redis.hdel(PAUSES_KEY, textOf(scope));
  }
}

function textOf({ project, submission }: PauseScope): string {
  return JSON.stringify({ project, submission });
}

function placeOf({ project, submission }: PauseScope): string {
  if (submission !== undefined) return submissionKeys(submission).facts;
  return project === undefined ? PAUSED_KEY : projectKeys(project).dispatch;
}

function projectToCheck({ project = '', submission }: PauseScope): string {
  return submission === undefined ? '' : project;
}
