import Joi from 'joi';
import {
  counted,
  errorFields,
  failure,
  invalidEntries,
  invalidSchema,
  list,
  named,
  next,
  number,
  oneOf,
  pausedText,
  reason,
  refusalDetail,
  refusedRows,
  resolvedFields,
  summary,
  text,
  texts,
  time,
  total,
  truncated,
  user,
  warnings,
} from '../openapi/answerSchemas.ts';
import { planExample } from './examples.ts';

/** The answers' shapes of the routes about plans. */

export const place = {
  entry: text().description('As typed'),
  item: number('Index in `hosts`, from 0'),
  line: number('In that string, from 1'),
  column: number('From 1'),
};

const planLinkFields = {
  id: text(),
  state: oneOf('planning', 'done', 'failed', 'stopped'),
  href: text(),
  paused: pausedText().description('Why nothing moves; absent: nobody holds it up'),
};

const planLink = named('PlanLink', planLinkFields).required().example(planExample.plan);

export const planNumbersSchema = named('PlanNumbers', { plan: planLink, summary });

const sofar = { plan: planLink.optional(), summary: summary.optional() };
export const planErrorSchema = named('PlanError', { ...errorFields, ...sofar });
/** Refused by the scope rules, it says what is known so far. */
export const planRefusedSchema = invalidSchema.keys(sofar).meta({ className: 'PlanRefused' });

const entryReport = named('EntryReport', {
  ...place,
  kind: oneOf('address', 'network', 'range', 'octets', 'name'),
  addresses: counted(),
  accepted: counted().description('How many of them a run would scan'),
  name: named('NameReport', {
    ...resolvedFields,
    failure: Joi.string().description('Why it did not resolve'),
  }),
  refused: list(
    named('EntryRefusal', {
      reason: reason(),
      detail: refusalDetail
        .allow(null)
        .required()
        .description('null: the ledger has it, or a task of the project')
        .meta({ className: 'RefusalDetailOrNull' }),
      count: counted(),
    }),
  ),
  covered_by: Joi.array()
    .items(named('Place', place))
    .description('Entries that hold all of its addresses too'),
});

export const planSchema = named('Plan', {
  plan: planLink,
  summary,
  tasks: number('Messages that a run would send'),
  refused_detail: refusedRows,
  warnings,
  invalid_entries: invalidEntries,
  invalid_entries_total: total(),
  ranges: texts().description('What would be scanned: networks, ranges and addresses'),
  entries: list(entryReport).description('What each entry came to'),
  truncated: truncated('there are more than 65,536 ranges or entries'),
});

export const planListSchema = named('Plans', {
  plans: list(
    named('ListedPlan', {
      ...planLinkFields,
      created_at: time('When the request was accepted').required(),
      user,
      expires_at: time('When it goes; null: it is still being made').allow(null).required(),
      failure,
    }),
  ).description('Newest first'),
  next,
});

export const deletedPlanSchema = named('DeletedPlan', { deleted: text().description('Its id') });

const planSide = (description: string) =>
  Joi.object({ addresses: counted(), ranges: texts() }).required().description(description);

export const planDiffSchema = named('PlanDiff', {
  added: planSide('In the second plan only'),
  removed: planSide('In the first plan only'),
  truncated: Joi.boolean().required().description('There are more than 10,000 ranges on one side'),
});
