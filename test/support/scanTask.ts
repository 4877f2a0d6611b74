import { type OutgoingMessage, type ScanTask, scanTaskWriter } from '../../src/adapters/celery/messages.ts';

/** The message for one address by itself. */
export function scanTask(id: string, task: ScanTask): OutgoingMessage {
  return scanTaskWriter(task)(id, task.ip, task.hostnames);
}
