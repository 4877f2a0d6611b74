import type { Call } from '../action.ts';
import { scanPath } from '../scans/newest.ts';
import { runningIn } from '../scans/running.ts';
import { scanView } from '../scans/scanView.ts';
import { type Details, summaryLines } from '../scans/words.ts';
import { localTime } from '../terminal/numbers.ts';

export async function show({ session, args: [id] }: Call<object, [string | undefined]>): Promise<void> {
  const { client, out } = session;
  const path = await scanPath(session, id);
  const { answer } = await client.call('getSubmission', { path });
  if (out.json) return out.value(answer);
  const columns = out.terminal?.columns ?? 100;
  out.lines([
    ...scanView(answer, { running: await runningIn(session), paint: out.paint, columns }),
    '',
    ...summaryLines(answer.summary, undefined, out.paint),
    ...timeLines(answer),
    ...optionLines(answer),
    ...answer.taken_out.map(
      ({ how, by, at, entries }) => `${how} by ${by}, ${localTime(at)}: ${entries.join(', ')}`,
    ),
  ]);
}

function timeLines({ times, user }: Details): string[] {
  const names = [
    ['begun', times.created_at],
    ['planned', times.planned_at],
    ['first sent', times.first_sent_at],
    ['all sent', times.ended_at],
    ['finished', times.finished_at],
  ] as const;
  return names.flatMap(([name, at]) => {
    if (at === null) return [];
    return [`${name.padEnd(11)}${localTime(at)}${name === 'begun' ? ` by ${user.username}` : ''}`];
  });
}

function optionLines({ options, plan }: Details): string[] {
  const { open_ports_opts: ports, mode, timeout, include_services, exclude } = options;
  const which = ports.ports?.length ? ports.ports.join(',') : `the ${ports.top_ports} most common`;
  return [
    `ports      ${ports.transport_protocol ?? 'tcp'} ${which}${include_services ? ', and services' : ''}`,
    `mode       ${mode}, ${timeout} s for each phase`,
    ...(exclude.length > 0 ? [`excluded   ${exclude.join(', ')}`] : []),
    ...(plan === null ? [] : [`plan       ${plan}`]),
  ];
}
