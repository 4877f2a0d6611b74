/** Where a call comes from, by what browsers say of it. A caller that says nothing is no browser, or an old one. */

export interface OriginHeaders {
  host?: string | undefined;
  origin?: string | undefined;
  'sec-fetch-site'?: string | string[] | undefined;
  [name: string]: string | string[] | undefined;
}

/** A page of another site cannot send it without being asked first, and nobody says yes to that. */
const OWN_HEADER = 'x-tasker-console';

/**
 * Whether a changing call comes from a page of this server. Browsers send along credentials with whatever any page asks
 * for, and they always say where it comes from.
 */
export function isSameOrigin(headers: OriginHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  return headers.origin === undefined || isOwnOrigin(headers);
}

/** The same, or somebody typed the address of a page, or came by a bookmark. Only for what changes nothing. */
export function isOwnNavigation(headers: OriginHeaders): boolean {
  const { 'sec-fetch-site': site, ...rest } = headers;
  return isSameOrigin(site === 'none' ? rest : headers);
}

/**
 * Whether something says so. Over plain HTTP browsers leave out where a GET comes from, and a page on another port of the
 * same host counts as the same site: what changes something needs more than that nothing speaks against it.
 */
export function isSurelySameOrigin(headers: OriginHeaders): boolean {
  if (!isSameOrigin(headers)) return false;
  return ['sec-fetch-site', 'origin', OWN_HEADER].some((name) => headers[name] !== undefined);
}

function isOwnOrigin({ origin = '', host }: OriginHeaders): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}
