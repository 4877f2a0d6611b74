import { type Command, InvalidArgumentError } from 'commander';
import type { Schema } from '../../client/client.ts';
import { action } from '../action.ts';
import { allProjects, choice, withLimit } from './arguments.ts';

type AuditEvent = Schema<'AuditEntry'>['event'];
type ProjectEvent = Schema<'ProjectEvent'>['type'];

/** A word for each, so that none can be missing: the compiler compares them with the API. */
const AUDIT_EVENTS = Object.keys({
  ...{ 'submission.begun': 1, 'submission.changed': 1, 'submission.paused': 1, 'submission.resumed': 1 },
  ...{ 'submission.cancelled': 1, 'submission.excluded': 1, 'submission.retried': 1, 'targets.cancelled': 1 },
  ...{ 'plan.asked': 1, 'plan.run': 1, 'plan.deleted': 1 },
  ...{ 'project.stopped': 1, 'project.paused': 1, 'project.resumed': 1 },
  ...{ 'exclusions.added': 1, 'exclusions.replaced': 1, 'exclusions.removed': 1, 'exclusions.refused': 1 },
  ...{ 'webhooks.replaced': 1, 'webhooks.removed': 1 },
  ...{ 'dispatch.changed': 1, 'dispatch.paused': 1, 'dispatch.resumed': 1 },
  ...{ 'board.action': 1, 'board.refused': 1, 'login.refused': 1 },
  ...{ 'session.begun': 1, 'session.ended': 1, 'session.link_made': 1 },
} satisfies Record<AuditEvent, 1>);
const PROJECT_EVENTS = Object.keys({
  ...{ 'scan.planned': 1, 'scan.finished': 1, 'scan.failed': 1 },
  ...{ 'scan.paused': 1, 'scan.resumed': 1, 'scan.cancelled': 1 },
  ...{ 'target.dead': 1, 'exclusion.in_effect': 1, 'worker.gone': 1 },
} satisfies Record<ProjectEvent, 1>);

/** What has happened, and who is told of it. */
export function addHistoryCommands(program: Command): void {
  withLimit(program.command('audit'))
    .description('tells what people did in the project, newest first')
    .addOption(choice('--event <event>', 'only this', AUDIT_EVENTS))
    .option('--user <user>', 'only what this user did: name or id')
    .option('--since <time>', 'only from then on: a day, or ISO 8601')
    .option('--until <time>', 'only up to then')
    .option('--scan <id>', 'only what is about this scan or plan')
    .option('--from <address>', 'only what was asked from this address')
    .addOption(allProjects())
    .action(action(async () => (await import('../commands/history/audit.ts')).audit));
  program
    .command('events')
    .description('tells what has happened in the project, oldest first')
    .option('--after <id>', 'only what came after this event')
    .option('-f, --follow', 'and what happens from now on, until Ctrl-C')
    .action(action(async () => (await import('../commands/history/events.ts')).events));
  addWebhookCommands(program);
}

function addWebhookCommands(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .description('who is told of events in the project')
    .helpCommand(false);
  webhooks
    .command('list')
    .description('lists them, and how the calls go')
    .action(action(async () => (await import('../commands/history/webhooks.ts')).listWebhooks));
  webhooks
    .command('set')
    .description('has a URL called; the others stay')
    .argument('<url>', 'https:// or http://')
    .addOption(
      choice('--event <event>', 'only this; may be repeated', PROJECT_EVENTS).argParser(oneMoreEvent),
    )
    .addOption(choice('--format <format>', 'what is sent', ['standard', 'slack']))
    .action(action(async () => (await import('../commands/history/webhooks.ts')).setWebhook));
  webhooks
    .command('end')
    .description('ends them')
    .argument('[urls...]', 'as they are listed')
    .option('--all', 'all of them')
    .action(action(async () => (await import('../commands/history/webhooks.ts')).endWebhooks));
}

function oneMoreEvent(event: string, before: string[] = []): string[] {
  if (!PROJECT_EVENTS.includes(event))
    throw new InvalidArgumentError(`Allowed choices are ${PROJECT_EVENTS.join(', ')}.`);
  return [...before, event];
}
