import Joi from 'joi';
import {
  errorCode,
  failure,
  invalidEntries,
  invalidSchema,
  next,
  number,
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
  user,
  warnings,
} from '../openapi/answerSchemas.ts';
import { planExample } from './examples.ts';

/** The answers' shapes of the routes about plans. */

const counted = () =>
  Joi.alternatives(Joi.number().integer(), Joi.string())
    .required()
    .description('A number; as text beyond 2^53');

export const place = {
  entry: text().description('As typed'),
  item: number('Index in `hosts`, from 0'),
  line: number('In that string, from 1'),
  column: number('From 1'),
};

const planLinkFields = {
  id: text(),
  state: Joi.string().valid('planning', 'done', 'failed', 'stopped').required(),
  href: text(),
  paused: pausedText().description('Why nothing moves; absent: nobody holds it up'),
};

const planLink = Joi.object(planLinkFields)
  .required()
  .example(planExample.plan)
  .meta({ className: 'PlanLink' });

export const planNumbersSchema = Joi.object({ plan: planLink, summary }).meta({ className: 'PlanNumbers' });

const sofar = { plan: planLink.optional(), summary: summary.optional() };
export const planErrorSchema = Joi.object({ detail: text(), code: errorCode(), ...sofar }).meta({
  className: 'PlanError',
});
/** Refused by the scope rules, it says what is known so far. */
export const planRefusedSchema = invalidSchema.keys(sofar).meta({ className: 'PlanRefused' });

const entryReport = Joi.object({
  ...place,
  kind: Joi.string().valid('address', 'network', 'range', 'octets', 'name').required(),
  addresses: counted(),
  accepted: counted().description('How many of them a run would scan'),
  name: Joi.object({
    ...resolvedFields,
    failure: Joi.string().description('Why it did not resolve'),
  }).meta({ className: 'NameReport' }),
  refused: Joi.array()
    .items(
      Joi.object({
        reason: reason(),
        detail: refusalDetail
          .allow(null)
          .required()
          .description('null: the ledger has it, or a task of the project')
          .meta({ className: 'RefusalDetailOrNull' }),
        count: counted(),
      }).meta({ className: 'EntryRefusal' }),
    )
    .required(),
  covered_by: Joi.array()
    .items(Joi.object(place).meta({ className: 'Place' }))
    .description('Entries that hold all of its addresses too'),
}).meta({ className: 'EntryReport' });

export const planSchema = Joi.object({
  plan: planLink,
  summary,
  tasks: number('Messages that a run would send'),
  refused_detail: refusedRows,
  warnings,
  invalid_entries: invalidEntries,
  invalid_entries_total: total(),
  ranges: texts().description('What would be scanned: networks, ranges and addresses'),
  entries: Joi.array().items(entryReport).required().description('What each entry came to'),
  truncated: Joi.boolean()
    .description('Present when there are more than 65,536 ranges or entries')
    .example(true),
}).meta({ className: 'Plan' });

export const planListSchema = Joi.object({
  plans: Joi.array()
    .items(
      Joi.object({
        ...planLinkFields,
        created_at: time('When the request was accepted').required(),
        user,
        expires_at: time('When it goes; null: it is still being made').allow(null).required(),
        failure,
      }).meta({ className: 'ListedPlan' }),
    )
    .required()
    .description('Newest first'),
  next,
}).meta({ className: 'Plans' });

export const deletedPlanSchema = Joi.object({ deleted: text().description('Its id') }).meta({
  className: 'DeletedPlan',
});

const planSide = (description: string) =>
  Joi.object({ addresses: counted(), ranges: texts() }).required().description(description);

export const planDiffSchema = Joi.object({
  added: planSide('In the second plan only'),
  removed: planSide('In the first plan only'),
  truncated: Joi.boolean().required().description('There are more than 10,000 ranges on one side'),
}).meta({ className: 'PlanDiff' });
