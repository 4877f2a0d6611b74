import type { Route } from '../http/route.ts';
import { scanRequestSchema } from '../intake/scanRequestSchema.ts';
import { invalidExample, scanRequestExample } from '../openapi/examples.ts';
import * as example from './examples.ts';
import { comparePlans, makePlan, plan } from './plan.ts';
import { deletePlan, plans, plansQuerySchema } from './plans.ts';
import * as shape from './schemas.ts';

const PLAN = {
  200: { description: 'The plan', schema: shape.planSchema, example: example.planExample },
  202: {
    description: 'Still being made: ask for it again',
    schema: shape.planNumbersSchema,
    example: example.planNumbersExample,
  },
};

const NO_PLAN = {
  422: { schema: shape.planRefusedSchema, example: invalidExample },
  503: { schema: shape.planErrorSchema, example: example.planFailedExample },
};

export const PLAN_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/tasks/{project_id}/plan',
    auth: 'project',
    handler: makePlan,
    isPlanned: true,
    docs: {
      operationId: 'makePlan',
      tag: 'Plans',
      summary: 'What a scan would do',
      description:
        'Takes the same body as run-nmap and goes the same way, without holding or sending anything. `run-nmap` with `{"plan": "<id>"}` then scans exactly this. A plan is kept for 24 hours after it was made, or failed.',
      body: { schema: scanRequestSchema, example: scanRequestExample },
      answers: PLAN,
      errors: ['plan_stopped', 'answer_room_full', 'unknown_plan'],
      errorBodies: NO_PLAN,
    },
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/plan/{plan_id}',
    auth: 'project',
    handler: plan,
    docs: {
      operationId: 'getPlan',
      tag: 'Plans',
      summary: 'A plan that was made',
      answers: PLAN,
      errors: ['unknown_plan', 'plan_stopped', 'scope_refused', 'stage_gave_up', 'answer_room_full'],
      errorBodies: NO_PLAN,
    },
  },
  {
    method: 'DELETE',
    path: '/tasks/{project_id}/plan/{plan_id}',
    auth: 'project',
    handler: deletePlan,
    docs: {
      operationId: 'deletePlan',
      tag: 'Plans',
      summary: 'Delete a plan',
      description:
        'Also one that is still being made: its work ends at once. A scan that runs the plan goes on. 503 when a job of it takes long: the plan goes once that has ended.',
      answers: {
        200: {
          description: 'Nothing is kept of it any more',
          schema: shape.deletedPlanSchema,
          example: example.deletedPlanExample,
        },
      },
      errors: ['unknown_plan', 'busy'],
    },
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/plans',
    auth: 'project',
    handler: plans,
    docs: {
      operationId: 'listPlans',
      tag: 'Plans',
      summary: 'The plans of a project, newest first',
      description: 'Those being made, made and failed. What begins while you page does not shift the pages.',
      query: plansQuerySchema,
      answers: {
        200: { description: 'One page', schema: shape.planListSchema, example: example.planListExample },
      },
    },
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/plan/{plan_id}/diff/{other_id}',
    auth: 'project',
    handler: comparePlans,
    docs: {
      operationId: 'comparePlans',
      tag: 'Plans',
      summary: 'What another plan adds and removes',
      answers: {
        200: {
          description: 'Addresses of the second plan that the first has not, and the other way round',
          schema: shape.planDiffSchema,
          example: example.planDiffExample,
        },
      },
      errors: ['unknown_plan', 'answer_room_full'],
    },
  },
];
