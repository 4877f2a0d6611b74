import type { Command } from 'commander';
import { action } from '../action.ts';
import { PLAN, withLimit } from './arguments.ts';

/** Plans that were made. */
export function addPlanCommands(program: Command): void {
  const plans = program.command('plans').description('plans that were made').helpCommand(false);
  withLimit(plans.command('list'))
    .description('lists the plans, newest first')
    .action(action(async () => (await import('../commands/plans.ts')).listPlans));
  plans
    .command('show')
    .description('tells what a plan came to')
    .argument('[id]', `${PLAN}; without one, the newest`)
    .action(action(async () => (await import('../commands/plans.ts')).showPlan));
  plans
    .command('compare')
    .description('tells what the second plan adds and leaves out')
    .argument('<id>', PLAN)
    .argument('<other>', 'that of the second one')
    .action(action(async () => (await import('../commands/plans.ts')).comparePlans));
  plans
    .command('delete')
    .description('deletes a plan; a scan that runs it goes on')
    .argument('<id>', PLAN)
    .action(action(async () => (await import('../commands/plans.ts')).deletePlan));
}
