/** When an exclusion ends: a day, or a moment with its zone. Anything that has two readings is refused. */

export type Until = { ok: true; until: string } | { ok: false; problem: string };

const DATE = /^(\d{4})-(\d\d)-(\d\d)/;
const TIME = /^[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(.*)$/i;
const OFFSET = /^([+-])(\d\d)(?::?(\d\d))?$/;
const DAY_MS = 86_400_000;
/** Years of five digits are written with a sign, and few programs read them. */
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * The moment in UTC, as `2027-01-31T18:00:00.000Z`. A day counts to its end in UTC: its moment is the next midnight.
 * Takes the offsets of ISO 8601: `Z`, `+02:00`, `+0200`, `+02`.
 */
export function readUntil(typed: string): Until {
  const text = typed.trim();
  const [date, year, month, day] = DATE.exec(text) ?? [];
  if (date === undefined)
    return problem('it is no date: write 2027-01-31, or with a time and its zone 2027-01-31T18:00:00Z');
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (!midnight.toISOString().startsWith(date)) return problem(`there is no day ${date}`);
  const rest = text.slice(date.length);
  if (rest === '') return moment(midnight.getTime() + DAY_MS);
  const [, hours, minutes, seconds = '0', fraction = '0', after = ''] = TIME.exec(rest) ?? [];
  const zone = after.trim();
  if (hours === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59)
    return problem(`"${rest.slice(0, 40)}" is no time of day: write T18:00:00Z, or T18:00:00+02:00`);
  if (zone === '')
    return problem(
      `it has no zone, and could mean several moments: write ${text}Z for UTC, or ${text}+02:00`,
    );
  const offset = offsetMinutes(zone);
  if (offset === undefined)
    return problem(`"${zone.slice(0, 40)}" is no zone: write Z for UTC, or an offset as +02:00`);
  const minutesOfDay = Number(hours) * 60 + Number(minutes) - offset;
  const ms = Math.floor(Number(`0.${fraction}`) * 1_000);
  return moment(midnight.getTime() + (minutesOfDay * 60 + Number(seconds)) * 1_000 + ms);
}

function moment(ms: number): Until {
  return { ok: true, until: new Date(Math.min(ms, LAST_MS)).toISOString() };
}

function problem(text: string): Until {
  return { ok: false, problem: text };
}

/** undefined: it is none. */
function offsetMinutes(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0;
  const [, sign, hours, minutes = '0'] = OFFSET.exec(zone) ?? [];
  if (hours === undefined || Number(hours) > 14 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
