import { NETWORK_PREFIXES, type PerNetwork } from '../model/perNetwork.ts';
import { parsed, type ValueType } from './formats.ts';

/** Least and most of each. */
const FIELDS = { tasks: [1, 1_000_000], per_minute: [1, 1_000_000], v4: [8, 32], v6: [16, 128] } as const;
type Field = keyof typeof FIELDS;

/** How many tasks a network may get, as in `tasks=2,per_minute=30`. */
export const perNetwork: ValueType<PerNetwork> = parsed(
  'tasks=N, per_minute=N or both, and v4=N, v6=N for other prefix lengths, with commas between them',
  (typed) => {
    const limit: PerNetwork = { ...NETWORK_PREFIXES };
    for (const word of typed.split(',')) {
      const [, name = '', digits = ''] = /^\s*(\w+)\s*=\s*(\d{1,7})\s*$/.exec(word) ?? [];
      if (!isField(name)) throw new Error(`"${word.trim()}" is none of ${Object.keys(FIELDS).join(', ')}`);
      const [least, most] = FIELDS[name];
      const value = Number(digits);
      if (value < least || value > most) throw new Error(`${name} must be from ${least} to ${most}`);
      limit[name] = value;
    }
    if (limit.tasks === undefined && limit.per_minute === undefined)
      throw new Error('it says neither tasks nor per_minute');
    return limit;
  },
);

function isField(name: string): name is Field {
  return Object.hasOwn(FIELDS, name);
}
