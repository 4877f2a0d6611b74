import type { Tasker } from './start.ts';
import { SAMPLE, type Status, type Summary } from './submit.ts';

export function showSubmission(summary: Summary): void {
  const { provided, duplicates_removed: duplicates, sent_to_scan: accepted } = summary;
  console.log(`\nA sample scan of ${SAMPLE.hosts.join(', ')}`);
  console.log(`  ${provided} entries, ${duplicates} of them twice, make ${accepted} tasks`);
}

export function showStatus(status: Status): void {
  const running = status.running_targets.map(({ ip, worker }) => `${ip} on ${worker}`);
  const what = running.length > 0 ? `running ${running.join(', ')}` : 'none running';
  console.log(`  ${String(status.active_or_queued).padStart(3)} left, ${what}`);
}

/** What to try next. @param code logs a browser in, once */
export function showUrls({ url, token }: Tasker, project: string, code: string): void {
  console.log(`
Tasker   ${url}
Console  ${url}/#login=${code} (logs in once, within 10 minutes)
API docs ${url}/docs
Board    ${url}/board
Token    ${token}

Submit a scan yourself (the simulated worker sends no packets):

  curl -s -X POST ${url}/tasks/${project}/run-nmap \\
    -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' \\
    -d '${JSON.stringify(SAMPLE)}'
`);
}
