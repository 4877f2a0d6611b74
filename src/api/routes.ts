import { AUDIT_ROUTES } from './audit/routes.ts';
import { PAUSE_ROUTES } from './dispatch/pauseRoutes.ts';
import { DISPATCH_ROUTES } from './dispatch/routes.ts';
import { EVENT_ROUTES } from './events/routes.ts';
import { EXCLUSION_ROUTES } from './exclusions/routes.ts';
import type { Route } from './http/route.ts';
import { OVERVIEW_ROUTES } from './overview/routes.ts';
import { PLAN_ROUTES } from './plans/routes.ts';
import { PROJECT_EVENT_ROUTES } from './projectEvents/routes.ts';
import { SCAN_ROUTES } from './scans/routes.ts';
import { SESSION_ROUTES } from './session/routes.ts';
import { SUBMISSION_ROUTES } from './submissions/routes.ts';
import { SYSTEM_ROUTES } from './system/routes.ts';

/** Every route of the API. The server, the 405 answers and the documentation are made from it. */
export const ROUTES: readonly Route[] = [
  ...SCAN_ROUTES,
  ...PLAN_ROUTES,
  ...SUBMISSION_ROUTES,
  ...DISPATCH_ROUTES,
  ...PAUSE_ROUTES,
  ...EXCLUSION_ROUTES,
  ...PROJECT_EVENT_ROUTES,
  ...OVERVIEW_ROUTES,
  ...EVENT_ROUTES,
  ...SESSION_ROUTES,
  ...AUDIT_ROUTES,
  ...SYSTEM_ROUTES,
];
