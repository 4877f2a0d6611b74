import Joi from 'joi';
import type { SubmissionPlace } from '../../adapters/submissions/index.ts';
import type { Asked } from '../../queries/explain/asked.ts';
import type { NetworkDecisions } from '../../queries/explain/decisions.ts';
import { parseEntry, rangesOfEntry } from '../../targets/entries/entry.ts';
import { nextOf, submissionCursor, submissionCursorSchema } from '../http/cursor.ts';
import { readQuery } from '../http/readQuery.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import { withSuggestion } from '../http/validationErrors.ts';
import { shown } from '../plans/entryReport.ts';

interface Query {
  target: Asked;
  cursor?: SubmissionPlace;
}

const BAD_TARGET = 'target.base';
/** Who asks about a network means all of its addresses. */
const WHOLE = { networkAndBroadcast: true };

export const explainQuerySchema = Joi.object<Query>({
  target: Joi.string()
    .required()
    .custom((typed: string, helpers): Asked | Joi.ErrorReport => {
      const parsed = parseEntry(typed.trim(), { allowSingleLabel: true });
      if (!parsed.ok) return helpers.error(BAD_TARGET, { reason: withSuggestion(parsed) });
      const { entry } = parsed;
      if (entry.kind === 'name') return { name: entry.name };
      const [range, ...more] = entry.kind === 'octets' ? [] : rangesOfEntry(entry, WHOLE);
      if (range === undefined || more.length > 0)
        return helpers.error(BAD_TARGET, { reason: 'it stands for several ranges of addresses' });
      return { range };
    })
    .messages({ [BAD_TARGET]: 'Input should be an address, a network, a range or a host name: {{#reason}}' })
    .description('An address, a network, a range of addresses, or a host name')
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
  const submissions = explanations.map(({ network, ...explanation }) => {
    return { ...explanation, ...(network && { network: networkBody(network) }) };
  });
  return { status: 200, body: { submissions, next: nextOf(next, submissionCursor) } };
}

function networkBody({ accepted, refused }: NetworkDecisions): object {
  const rows = Object.entries(refused).map(([reason, count]) => [reason, shown(count)]);
  return { accepted: shown(accepted), refused: Object.fromEntries(rows) };
}
