import type { Route } from '../http/route.ts';
import { documented } from '../openapi/answerSchemas.ts';
import { exclusionsSchema, removedExclusionsSchema } from './body.ts';
import * as example from './examples.ts';
import { addExclusions, exclusions, removeExclusions, replaceExclusions } from './exclusions.ts';
import { receipt } from './receipt.ts';
import * as shape from './schemas.ts';

const EXCLUSIONS = documented('The list as it is now', shape.exclusionListSchema, example.exclusionsExample);

const CHANGED = {
  answer: documented('The list as it is now', shape.changedListSchema, example.changedListExample),
  accepted: documented('RabbitMQ is away, and what is in it follows', shape.changedListSchema, {
    ...example.changedListExample,
    receipt: { ...example.appliedExample, complete: false },
  }),
};
const APPLIED =
  'At once the new ones hold for all that is not done: what waits is refused, what is ready in RabbitMQ is taken out, what runs is ended, or ends by itself with `"running": "finish"`. `receipt` counts each.';

const CHANGING = ['exclusion_locked', 'too_many_exclusions', 'answer_room_full', 'busy'] as const;

export const EXCLUSION_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/tasks/{project_id}/exclusions',
    auth: 'project',
    handler: exclusions,
    operationId: 'listExclusions',
    tag: 'Scope',
    summary: 'What is never scanned',
    answer: EXCLUSIONS,
    errors: ['answer_room_full'],
  },
  {
    method: 'POST',
    path: '/tasks/{project_id}/exclusions',
    auth: 'project',
    handler: addExclusions,
    operationId: 'addExclusions',
    tag: 'Scope',
    summary: 'Exclude more',
    description:
      'Adds to the list; an entry that is there already, in any spelling, is written anew. What an admin made, or what is `locked`, only an admin ends or changes. ' +
      APPLIED,
    body: { schema: exclusionsSchema, example: example.newExclusionsExample },
    ...CHANGED,
    errors: CHANGING,
  },
  {
    method: 'PUT',
    path: '/tasks/{project_id}/exclusions',
    auth: 'project',
    handler: replaceExclusions,
    operationId: 'replaceExclusions',
    tag: 'Scope',
    summary: 'Exclude these and no others',
    description:
      'What an admin made, or what is `locked`, has to be among them unless an admin calls; it stays as it was. ' +
      APPLIED,
    body: { schema: exclusionsSchema, example: example.newExclusionsExample },
    ...CHANGED,
    errors: CHANGING,
  },
  {
    method: 'DELETE',
    path: '/tasks/{project_id}/exclusions',
    auth: 'project',
    handler: removeExclusions,
    operationId: 'removeExclusions',
    tag: 'Scope',
    summary: 'Exclude these no longer',
    body: { schema: removedExclusionsSchema, example: { hosts: ['203.0.113.7', '*.example.com'] } },
    answer: documented('Removed, as far as they were there', shape.removedExclusionsSchema, {
      removed: ['203.0.113.7'],
      not_found: ['*.example.com'],
    }),
    errors: ['exclusion_locked', 'busy'],
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/exclusions/{receipt_id}/receipt',
    auth: 'project',
    handler: receipt,
    operationId: 'getReceipt',
    tag: 'Scope',
    summary: 'What is still out of what was excluded',
    description:
      "Once nothing is, `since` says since when: from then on nothing of the project touches what the exclusions are about. Looked at every second until then, and when it is asked for. The last 1,000 receipts of a project are kept. The one of the installation's own list has the id `installation`: it is about the whole list, and starts anew when the list changes while the project has something open.",
    answer: documented('At this moment', shape.receiptSchema, example.receiptExample),
    errors: ['unknown_receipt'],
  },
];
