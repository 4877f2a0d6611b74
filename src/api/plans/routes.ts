import type { Route } from '../http/route.ts';
import { scanRequestSchema } from '../intake/scanRequestSchema.ts';
import { documented } from '../openapi/answerSchemas.ts';
import { invalidExample, PLAN as PLAN_ID, scanRequestExample } from '../openapi/examples.ts';
import { checkEntries } from './checkEntries.ts';
import {
  checkedEntriesExample,
  checkedEntriesSchema,
  entriesToCheckExample,
  entriesToCheckSchema,
} from './checkSchemas.ts';
import * as example from './examples.ts';
import { comparePlans, makePlan, plan } from './plan.ts';
import { deletePlan, plans, plansQuerySchema } from './plans.ts';
import * as shape from './schemas.ts';

const PLAN = {
  answer: documented('The plan', shape.planSchema, example.planExample),
  accepted: documented(
    'Still being made: ask for it again',
    shape.planNumbersSchema,
    example.planNumbersExample,
  ),
  errorBodies: {
    422: { schema: shape.planRefusedSchema, example: invalidExample },
    503: { schema: shape.planErrorSchema, example: example.planFailedExample },
  },
};

export const PLAN_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/tasks/{project_id}/check-entries',
    auth: 'project',
    handler: checkEntries,
    operationId: 'checkEntries',
    tag: 'Plans',
    summary: 'What is wrong with entries, and how to write them',
    description: 'Reads them as a scan request is read, and keeps nothing: for whoever types them.',
    body: { schema: entriesToCheckSchema, example: entriesToCheckExample },
    answer: documented('How they are read', checkedEntriesSchema, checkedEntriesExample),
  },
  {
    method: 'POST',
    path: '/tasks/{project_id}/plan',
    auth: 'project',
    handler: makePlan,
    isPlanned: true,
    operationId: 'makePlan',
    tag: 'Plans',
    summary: 'What a scan would do',
    description:
      'Takes the same body as run-nmap and goes the same way, without holding or sending anything. `run-nmap` with `{"plan": "<id>"}` then scans exactly this. A plan is kept for 24 hours after it was made, or failed.',
    body: { schema: scanRequestSchema, example: scanRequestExample },
    ...PLAN,
    errors: ['plan_stopped', 'answer_room_full', 'unknown_plan'],
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/plan/{plan_id}',
    auth: 'project',
    handler: plan,
    operationId: 'getPlan',
    tag: 'Plans',
    summary: 'A plan that was made',
    ...PLAN,
    errors: ['unknown_plan', 'plan_stopped', 'scope_refused', 'stage_gave_up', 'answer_room_full'],
  },
  {
    method: 'DELETE',
    path: '/tasks/{project_id}/plan/{plan_id}',
    auth: 'project',
    handler: deletePlan,
    operationId: 'deletePlan',
    tag: 'Plans',
    summary: 'Delete a plan',
    description:
      'Also one that is still being made: its work ends at once. A scan that runs the plan goes on. 503 when a job of it takes long: the plan goes once that has ended.',
    answer: documented('Nothing is kept of it any more', shape.deletedPlanSchema, { deleted: PLAN_ID }),
    errors: ['unknown_plan', 'busy'],
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/plans',
    auth: 'project',
    handler: plans,
    operationId: 'listPlans',
    tag: 'Plans',
    summary: 'The plans of a project, newest first',
    description: 'Those being made, made and failed. What begins while you page does not shift the pages.',
    query: plansQuerySchema,
    answer: documented('One page', shape.planListSchema, example.planListExample),
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/plan/{plan_id}/diff/{other_id}',
    auth: 'project',
    handler: comparePlans,
    operationId: 'comparePlans',
    tag: 'Plans',
    summary: 'What another plan adds and removes',
    answer: documented(
      'Addresses of the second plan that the first has not, and the other way round',
      shape.planDiffSchema,
      example.planDiffExample,
    ),
    errors: ['unknown_plan', 'answer_room_full'],
  },
];
