import Joi from 'joi';
import { plainError } from '../http/httpErrors.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import { list, named, number } from '../openapi/answerSchemas.ts';
import { submissionId } from './submissions.ts';

const series = (description: string) => list(Joi.number().integer().min(0)).description(description);

export const historySchema = named('SubmissionHistory', {
  every_s: number(
    'Seconds between the newest points: 10 at first, twice as many whenever there are 240 points',
  ),
  at: series('Epoch seconds, ascending; the other lists go with it'),
  done: series('Tasks whose workers had ended'),
  remaining: series('Tasks that were waiting, ready or running'),
});

export const historyExample = {
  every_s: 10,
  at: [1_793_611_810, 1_793_611_820],
  done: [120, 260],
  remaining: [1_880, 1_740],
};

/** GET /tasks/{project_id}/submissions/{submission_id}/history */
export async function submissionHistory(
  { project, params }: ProjectContext,
  { queries }: Services,
): Promise<HttpResponse> {
  const id = submissionId(params);
  const history = id === undefined ? undefined : await queries.submissionHistory(project, id);
  if (history === undefined) return plainError('unknown_submission');
  const { everyS, points } = history;
  const body = {
    every_s: everyS,
    at: points.map(({ at }) => at),
    done: points.map(({ done }) => done),
    remaining: points.map(({ remaining }) => remaining),
  };
  return { status: 200, body };
}
