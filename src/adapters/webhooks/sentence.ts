/** What an event says to people, in one sentence. */
import type { ProjectEvent, ProjectEventType } from '../events/event.ts';

type Data = ProjectEvent['data'];

const SENTENCES: Readonly<Record<ProjectEventType, (data: Data) => string>> = {
  'scan.planned': (data) => `${scan(data)} is planned: ${count(data.targets, 'target')} to scan.`,
  'scan.finished': (data) =>
    `${scan(data)} is finished: ${count(data.targets, 'target')}${Number(data.dead) > 0 ? `, ${data.dead} of its tasks never ended` : ''}.`,
  'scan.failed': (data) =>
    `${scan(data)} has failed at ${data.stage}, and waits for somebody to try it again: ${data.reason}`,
  'scan.paused': (data) => `${what(data)} is paused${by(data)}${data.why ? `: ${data.why}` : '.'}`,
  'scan.resumed': (data) => `${what(data)} goes on, resumed${by(data)}.`,
  'scan.cancelled': (data) =>
    `${cancelled(data)} cancelled${by(data)}; ${count(data.waiting, 'task')} had not been sent.`,
  'target.dead': (data) =>
    `${scan(data)}: ${count(part(data, 'targets').total, 'task')} killed a worker again and again, and will not be sent again: ${listed(data, 'targets')}.`,
  'exclusion.in_effect': (data) => `${exclusion(data)} in effect: nothing of it is out any more.`,
  'worker.gone': (data) =>
    `The worker ${data.worker} does not answer any more. It had ${count(part(data, 'targets').total, 'target')} of this project in hand: ${listed(data, 'targets')}.`,
};

/** With the project, and as Slack and Mattermost want their text: three characters are theirs. */
export function slackText({ type, project, data }: ProjectEvent): string {
  const text = `${SENTENCES[type](data)} (project ${project.slice(0, 8)})`;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function part(data: Data, name: string): Data {
  const value = data[name];
  return typeof value === 'object' && value !== null ? (value as Data) : {};
}

function scan(data: Data): string {
  const { id, user } = part(data, 'scan');
  return `The scan ${String(id).slice(0, 8)} of ${user}`;
}

function what(data: Data): string {
  if (data.what === 'scan') return scan(data);
  return data.what === 'project' ? 'The project' : 'Everything';
}

function cancelled(data: Data): string {
  if (data.what === 'scan') return `${scan(data)} is`;
  const total = Number(part(data, 'scans').total);
  return `${count(total, 'scan')} of the project ${total === 1 ? 'is' : 'are'}`;
}

function exclusion(data: Data): string {
  if (data.of === 'installation') return 'What the installation excludes is';
  const { total } = part(data, 'entries');
  return `What ${data.by} excluded (${listed(data, 'entries')}) is${Number(total) > 1 ? ' all' : ''}`;
}

function by(data: Data): string {
  return data.by ? ` by ${data.by}` : '';
}

function count(value: unknown, noun: string): string {
  const number = Number(value ?? 0);
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}

function listed(data: Data, name: string): string {
  const { total, listed: first } = part(data, name);
  const names = Array.isArray(first) ? first.map(String) : [];
  const more = Number(total) - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
