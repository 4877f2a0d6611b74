import type { Route } from '../http/route.ts';
import { documented } from '../openapi/answerSchemas.ts';
import { allSubmissionsQuerySchema, listAllSubmissions } from './allSubmissions.ts';
import * as example from './examples.ts';
import { listProjects } from './projects.ts';
import * as shape from './schemas.ts';
import { workersAtWork } from './workers.ts';

export const OVERVIEW_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/submissions',
    auth: 'user',
    handler: listAllSubmissions,
    operationId: 'listAllSubmissions',
    tag: 'Scans',
    summary: 'The scans of all your projects, newest first',
    description:
      'Admins see those of all projects. Numbers are as of a moment up to two seconds ago. With `state`, `user` or `text`, a page looks at 1,000 scans at most: it may then hold fewer than `limit`, or none, and `next` goes on.',
    query: allSubmissionsQuerySchema,
    answer: documented('One page', shape.allSubmissionsSchema, example.allSubmissionsExample),
  },
  {
    method: 'GET',
    path: '/projects',
    auth: 'user',
    handler: listProjects,
    operationId: 'listProjects',
    tag: 'Scans',
    summary: 'Your projects that have scans here',
    answer: documented('The projects', shape.projectsSchema, example.projectsExample),
  },
  {
    method: 'GET',
    path: '/workers',
    auth: 'user',
    handler: workersAtWork,
    operationId: 'listWorkersAtWork',
    tag: 'Workers',
    summary: 'Workers, and what they have in hand',
    description:
      'Admins see all tasks; others see those of their projects, and how many there are beside them.',
    answer: documented('Live workers', shape.workersAtWorkSchema, example.workersAtWorkExample),
  },
];
