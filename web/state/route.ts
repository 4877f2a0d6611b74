import { signal } from '@preact/signals';

/** Where the console is: `#/scans/{project}/{id}?state=done`. */
export interface Route {
  /** Parts of the path, decoded. */
  path: readonly string[];
  query: URLSearchParams;
}

export const route = signal<Route>(readRoute());

window.addEventListener('hashchange', () => {
  route.value = readRoute();
  window.scrollTo(0, 0);
});

function readRoute(): Route {
  const [path = '', search = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  return { path: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(search) };
}

/** A link that somebody broke leads to a page that is not there, not to an exception. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function linkTo(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  const address = `#/${path.map(encodeURIComponent).join('/')}`;
  return search.size === 0 ? address : `${address}?${search}`;
}

export function goTo(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): void {
  location.hash = linkTo(path, query);
}

/** Changes what the address says of a page, without a step in the history. */
export function keepQuery(query: Readonly<Record<string, string | undefined>>): void {
  replaceWith(route.peek().path, query);
}

/** The address that was there is in no history any more. */
export function replaceWith(path: readonly string[], query?: Parameters<typeof linkTo>[1]): void {
  history.replaceState(null, '', linkTo(path, query));
  route.value = readRoute();
}
