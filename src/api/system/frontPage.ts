import type { HttpResponse, RequestContext, Services } from '../http/route.ts';

const DESCRIPTION = 'Turns target lists into scan tasks.';
const DOCS = { docs: ['/docs', 'API docs'], openapi: ['/openapi.json', 'OpenAPI document'] } as const;
const ALWAYS = {
  board: ['/board', 'Board (for admins)'],
  health: ['/health', 'Health'],
  ready: ['/ready', 'Services'],
} as const;

/** By name: where it is, and what people call it. */
type Links = Readonly<Record<string, readonly [href: string, words: string]>>;

/** GET /: the console, or what this is, for people who open the address in a browser. */
export async function frontPage(
  { req }: RequestContext,
  { config, console }: Services,
): Promise<HttpResponse> {
  const links = { ...(config.docs && DOCS), ...ALWAYS };
  const headers = { Vary: 'Accept' };
  if (req.accepts(['html', 'json']) === 'json') return { status: 200, headers, body: bodyOf(links) };
  return {
    status: 200,
    headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8' },
    stream: [console?.page ?? pageOf(links)],
  };
}

export const frontPageExample = {
  example: bodyOf({ ...DOCS, ...ALWAYS }),
  texts: { 'text/html': pageOf({ ...DOCS, ...ALWAYS }) },
};

function bodyOf(links: Links): object {
  const hrefs = Object.entries(links).map(([name, [href]]) => [name, href]);
  return { name: 'Tasker', description: DESCRIPTION, links: Object.fromEntries(hrefs) };
}

function pageOf(links: Links): string {
  const items = Object.values(links).map(([href, words]) => `<li><a href="${href}">${words}</a></li>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tasker</title>
<style>body { font: 1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem }</style>
</head>
<body>
<h1>Tasker</h1>
<p>${DESCRIPTION}</p>
<ul>
${items.join('\n')}
</ul>
</body>
</html>
`;
}
