/** Whether all tasks of a submission are sent: they may have ended, too. */
export function isSent(state: unknown): boolean {
  return state === 'done' || state === 'finished';
}
