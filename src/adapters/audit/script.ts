/** How a change and its entry in the audit trail become one step. */
import { AUDIT_KEY, projectKeys } from '../redis/keys.ts';
import { type AuditNote, auditText } from './entry.ts';

/** Of a project of which nobody changes anything any more. */
const LIFE_S = 400 * 24 * 3600;

/**
 * A script that also writes an entry of the audit trail, unless it changed nothing. Two keys and two arguments more,
 * which the script itself does not see. What cannot be written keeps nobody from the change: a stop must work.
 * KEYS ..., trail of the installation, trail of the project or ''. ARGV ..., entry, most entries.
 * Returns what the script returns, then what kept the entry from being written, or '', and what the change came to; false: it
 * changed nothing.
 */
export function withEntry(lua: string): string {
  const [shebang = ''] = /^#!.*\n/.exec(lua) ?? [];
  return `${shebang}
local keep, entry = table.remove(ARGV), table.remove(ARGV)
local ofProject, ofAll = table.remove(KEYS), table.remove(KEYS)
local function change()
${lua.slice(shebang.length)}
end
local nothing = {unplanned = true, full = true, changed = true, unknown = true, ended = true}
local function changedNothing(reply)
  -- Which quota is used up, and by how much: all other lists are of texts.
  if type(reply) == 'table' then return type(reply[3]) == 'number' end
  return not reply or nothing[reply]
end
local function outcomeOf(reply)
  if type(reply) ~= 'table' then return tostring(reply) end
  local shown = {}
  for i = 1, math.min(#reply, 100) do shown[i] = string.sub(tostring(reply[i]), 1, 100) end
  return table.concat(shown, ' ')
end
local reply = change()
local lost, outcome = '', false
if not changedNothing(reply) then
  outcome = outcomeOf(reply)
  for _, key in ipairs({ofAll, ofProject}) do
    if key ~= '' and keep ~= '0' then
      local done = redis.pcall('XADD', key, 'MAXLEN', '~', keep, '*', 'entry', entry, 'outcome', outcome)
      if type(done) == 'table' and done.err then lost = done.err end
    end
  end
  if ofProject ~= '' then redis.pcall('EXPIRE', ofProject, ${LIFE_S}) end
end
return {reply or false, lost, outcome}
`;
}

/** What a script of {@link withEntry} needs beside its own. */
export function entryArguments({ entry, keep }: AuditNote): { keys: string[]; args: (string | number)[] } {
  const ofProject = entry.project === null ? '' : projectKeys(entry.project).audit;
  return { keys: [AUDIT_KEY, ofProject], args: [auditText(entry), keep] };
}
