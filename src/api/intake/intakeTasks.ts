import type { Task } from '../../runtime/compute.ts';
import { readExclusions, readRemoved } from '../exclusions/body.ts';
import { readScanRequest } from './intake.ts';

type TaskOf<F extends (...args: never) => unknown> = Task<Parameters<F>, ReturnType<F>>;

export const READ_SCAN: TaskOf<typeof readScanRequest> = { name: 'readScanRequest', run: readScanRequest };
export const READ_EXCLUSIONS: TaskOf<typeof readExclusions> = { name: 'readExclusions', run: readExclusions };
export const READ_REMOVED: TaskOf<typeof readRemoved> = { name: 'readRemoved', run: readRemoved };

/** What threads read for the API. */
export const INTAKE_TASKS = [READ_SCAN, READ_EXCLUSIONS, READ_REMOVED];
