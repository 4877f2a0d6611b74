import Joi from 'joi';
import { list, named, number, oneOf, text, total, warnings } from '../openapi/answerSchemas.ts';
import { warningsExample } from '../openapi/examples.ts';

const items = (description: string) =>
  Joi.array()
    .meta({ swagger: { items: { type: 'string' }, oneOf: undefined } })
    .description(description);

export const entriesToCheckSchema = Joi.object<{ hosts: unknown[]; exclude: string[] }>({
  hosts: items('As in a scan request').required(),
  exclude: Joi.array().items(Joi.string()).description('Likewise').default([]),
}).meta({ className: 'EntriesToCheck' });

export const entriesToCheckExample = { hosts: ['8.8.8.0/30\n8.8.8.300', '8.8.8.8:80'], exclude: ['8.8.8.1'] };

const fromOne = (description: string) => Joi.number().integer().min(1).required().description(description);

export const checkedEntriesSchema = named('CheckedEntries', {
  provided: number('Entries of `hosts`, wrong ones included'),
  duplicates_removed: number('Entries equal to an earlier one in normal form'),
  entries: number('Distinct ones that can be read'),
  addresses: Joi.number().min(0).required().description('Addresses that they stand for; beyond 2^53 about'),
  names: number('Host names among them'),
  exclusions: number('Entries of `exclude` that can be read'),
  problems: list(
    named('EntryProblem', {
      list: oneOf('hosts', 'exclude'),
      item: number('Index in the list, from 0').allow(null).description('null: of the list as a whole'),
      line: fromOne('In the item, from 1'),
      column: fromOne('In the line, from 1'),
      length: number('Characters of what is wrong there'),
      input: Joi.any().required().description('What stands there, shortened to 100 characters'),
      message: text(),
      fix: Joi.string()
        .description('The text to put in its place; absent when it is not clear')
        .example('8.8.8.8'),
    }),
  ).description('1,000 at most'),
  problems_total: total(),
  warnings,
});

export const checkedEntriesExample = {
  provided: 3,
  duplicates_removed: 0,
  entries: 1,
  addresses: 2,
  names: 0,
  exclusions: 1,
  problems: [
    {
      ...{ list: 'hosts', item: 0, line: 2, column: 1, length: 9, input: '8.8.8.300' },
      message: 'octet 300 is not in 0..255',
    },
    {
      ...{ list: 'hosts', item: 1, line: 1, column: 1, length: 10, input: '8.8.8.8:80' },
      message: 'a host has no port here',
      fix: '8.8.8.8',
    },
  ],
  warnings: warningsExample,
};
