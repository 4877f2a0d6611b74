import { describeColumns } from './columns.ts';
import { codePoint } from './hostName.ts';
import type { BadText } from './leadingZero.ts';
import { describeForeign, describeMarks } from './listMarks.ts';

/** domainToASCII would drop these silently; only the two joiners belong into names of some scripts. */
const INVISIBLE = /(?![\u200c\u200d])[\p{Cf}\p{Default_Ignorable_Code_Point}]/u;
const EVERY_INVISIBLE = new RegExp(INVISIBLE, 'gu');
const DIRECTION = /\p{Bidi_Control}/u;
/** What most texts are made of: of all that is looked for here it can only be a URL. */
const SIMPLE = /^[\w.:*-][\w.:*/-]*$/;
const LONG_DASH = /[\u2010-\u2015\u2212]/;

/**
 * What can be neither address nor name, whatever else it holds. The suggestion is what would remain, not yet looked
 * at itself.
 */
export function describeUnusual(typed: string): BadText | undefined {
  if (SIMPLE.test(typed)) return describeUrl(typed);
  const trimmed = typed.trim();
  if (trimmed === '') return { problem: 'it is empty' };
  const foreign = describeForeign(typed);
  if (foreign !== undefined) return foreign;
  // A line feed inside would also break the lists that are kept one entry a line. A tab is a blank, see below.
  const control = /(?!\t)[\p{Cc}\p{Cs}\p{Co}\ufffd]/u.exec(trimmed)?.[0];
  if (control !== undefined) return { problem: `it contains a control character (${codePoint(control)})` };
  const invisible = INVISIBLE.exec(typed)?.[0];
  if (invisible !== undefined) {
    const what = DIRECTION.test(invisible)
      ? 'invisible character that turns the text'
      : 'invisible character';
    const visible = typed.replace(EVERY_INVISIBLE, '');
    return { problem: `it contains an ${what} (${codePoint(invisible)})`, suggestion: visible };
  }
  if (trimmed !== typed) return { problem: 'it has a blank at its end or beginning', suggestion: trimmed };
  const meant = describeMarks(typed) ?? describeColumns(typed);
  if (meant !== undefined) return meant;
  if (/[\p{Z}\t]/u.test(typed))
    return {
      problem: 'it contains a blank: entries are separated by commas, and a comment begins with #',
      list: typed.split(/[\p{Z}\t]+/u),
    };
  const dash = LONG_DASH.exec(typed)?.[0];
  if (dash !== undefined) {
    const hyphens = typed.replace(new RegExp(LONG_DASH, 'g'), '-');
    return { problem: `it has a dash (${codePoint(dash)}) where a hyphen belongs`, suggestion: hyphens };
  }
  return describeUrl(typed);
}

function describeUrl(typed: string): BadText | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(typed);
  if (url !== null)
    return { problem: 'it is a URL, not a host', suggestion: (url[1] ?? '').replace(/^.*@/, '') };
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(typed);
  if (bracketed !== null) return { problem: 'an address has no brackets', suggestion: bracketed[1] ?? '' };
  const zone = typed.indexOf('%');
  if (zone !== -1 && typed.includes(':'))
    return { problem: 'an address has no zone here', suggestion: typed.slice(0, zone) };
  return undefined;
}
