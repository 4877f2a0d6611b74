import type { Route } from './route.ts';
import { AUDIT_ROUTES } from './routes/audit.ts';
import { EXCLUSION_ROUTES } from './routes/exclusions.ts';
import { PLAN_ROUTES } from './routes/plan.ts';
import { PROJECT_ROUTES } from './routes/project.ts';
import { SCAN_ROUTES } from './routes/scan.ts';
import { SUBMISSION_ROUTES } from './routes/submissions.ts';
import { SYSTEM_ROUTES } from './routes/system.ts';

/** Every route of the API. The server, the 405 answers and the documentation are made from it. */
export const ROUTES: readonly Route[] = [
  ...SCAN_ROUTES,
  ...PLAN_ROUTES,
  ...SUBMISSION_ROUTES,
  ...EXCLUSION_ROUTES,
  ...AUDIT_ROUTES,
  ...PROJECT_ROUTES,
  ...SYSTEM_ROUTES,
];
