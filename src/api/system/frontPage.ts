import type { HttpResponse, RequestContext, Services } from '../http/route.ts';

const DESCRIPTION = 'Turns target lists into scan tasks.';
const DOCS = { docs: '/docs', openapi: '/openapi.json' };
const ALWAYS = { board: '/board', health: '/health', ready: '/ready' };

type Links = Partial<typeof DOCS> & typeof ALWAYS;

const WORDS: Readonly<Record<keyof Links, string>> = {
  docs: 'API docs',
  openapi: 'OpenAPI document',
  board: 'Board (for admins)',
  health: 'Health',
  ready: 'Services',
};

/** GET /: what this is, for people who open the address in a browser. */
export async function frontPage({ req }: RequestContext, { config }: Services): Promise<HttpResponse> {
  const links = { ...(config.docs && DOCS), ...ALWAYS };
  const headers = { Vary: 'Accept' };
  if (req.accepts(['html', 'json']) === 'json') return { status: 200, headers, body: bodyOf(links) };
  return {
    status: 200,
    headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8' },
    stream: [pageOf(links)],
  };
}

export const frontPageExample = {
  example: bodyOf({ ...DOCS, ...ALWAYS }),
  texts: { 'text/html': pageOf({ ...DOCS, ...ALWAYS }) },
};

function bodyOf(links: Links): object {
  return { name: 'Tasker', description: DESCRIPTION, links };
}

function pageOf(links: Links): string {
  const items = Object.entries(links).map(
    ([name, href]) => `<li><a href="${href}">${WORDS[name as keyof Links]}</a></li>`,
  );
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
