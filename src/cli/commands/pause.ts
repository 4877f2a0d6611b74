import type { Schema } from '../../client/client.ts';
import type { Call } from '../action.ts';
import { usage } from '../exitCodes.ts';
import { counted } from '../terminal/numbers.ts';

interface ScopeOptions {
  wholeProject?: true;
  everything?: true;
}

interface PauseOptions extends ScopeOptions {
  kill?: true;
  why?: string;
}

type Id = [string | undefined];

export async function pause({ session, options, args: [id] }: Call<PauseOptions, Id>): Promise<void> {
  const { client, out } = session;
  const scope = scopeOf(options, id);
  const { kill, why } = options;
  const body: Schema<'PauseRequest'> = {
    ...(kill && { running: 'kill' }),
    ...(why !== undefined && { why }),
  };
  const { answer } = await (scope === 'everything'
    ? client.call('pauseDispatch', { body })
    : scope === 'project'
      ? client.call('pauseProject', { path: session.project(), body })
      : client.call('pauseSubmission', { path: { ...session.project(), submission_id: scope.id }, body }));
  if (out.json) return out.value(answer);
  const { ready, running, complete } = answer;
  const then = complete ? 'came back' : 'come back when RabbitMQ answers';
  out.lines([
    `paused: ${counted(ready)} ${then}, ${counted(running)} ${kill ? 'were ended' : 'run to their end'}`,
  ]);
}

export async function resume({ session, options, args: [id] }: Call<ScopeOptions, Id>): Promise<void> {
  const { client, out } = session;
  const scope = scopeOf(options, id);
  const { answer } = await (scope === 'everything'
    ? client.call('resumeDispatch', {})
    : scope === 'project'
      ? client.call('resumeProject', { path: session.project() })
      : client.call('resumeSubmission', { path: { ...session.project(), submission_id: scope.id } }));
  if (out.json) out.value(answer);
  else out.lines(['it goes on']);
}

/** Exactly one: who means one scan must not hold up everybody. */
function scopeOf(
  { wholeProject, everything }: ScopeOptions,
  id: string | undefined,
): 'everything' | 'project' | { id: string } {
  if ([id, wholeProject, everything].filter((one) => one !== undefined).length !== 1)
    throw usage("name one: a scan's id, --whole-project or --everything");
  if (id !== undefined) return { id };
  return everything ? 'everything' : 'project';
}
