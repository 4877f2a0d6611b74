import Joi from 'joi';
import type { SubmissionPlace } from '../../adapters/submissions/index.ts';
import type { Asked } from '../../queries/explain.ts';
import { parseEntry } from '../../targets/entries/entry.ts';
import { nextOf, submissionCursor, submissionCursorSchema } from '../http/cursor.ts';
import { readQuery } from '../http/readQuery.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import { withSuggestion } from '../http/validationErrors.ts';

interface Query {
  target: Asked;
  cursor?: SubmissionPlace;
}

const BAD_TARGET = 'target.base';

export const explainQuerySchema = Joi.object<Query>({
  target: Joi.string()
    .required()
    .custom((typed: string, helpers): Asked | Joi.ErrorReport => {
      const parsed = parseEntry(typed.trim(), { allowSingleLabel: true });
      if (!parsed.ok) return helpers.error(BAD_TARGET, { reason: withSuggestion(parsed) });
      const { entry } = parsed;
      if (entry.kind === 'address') return { address: entry.address };
      if (entry.kind === 'name') return { name: entry.name };
      return helpers.error(BAD_TARGET, { reason: 'it stands for several addresses' });
    })
    .messages({ [BAD_TARGET]: 'Input should be one address or one host name: {{#reason}}' })
    .description('One address or one host name')
    .example('203.0.113.7'),
  cursor: submissionCursorSchema,
});

/** GET /tasks/{project_id}/explain */
export async function explain(
  { req, project, signal }: ProjectContext,
  { queries }: Services,
): Promise<HttpResponse> {
  const query = readQuery(req, explainQuerySchema);
  if (!query.ok) return query.answer;
  const { target, cursor } = query.value;
  const { explanations, next } = await queries.explain(project, target, cursor, signal);
  return { status: 200, body: { submissions: explanations, next: nextOf(next, submissionCursor) } };
}
