/** What the API docs begin with. */

/** The groups of operations, in their order. */
export const TAGS = {
  Scans: 'Hand in targets, ask how far a scan is, stop everything of a project.',
  Plans: 'Ask what a scan would do before it does it, and run exactly that.',
  Scope: 'What of a project is never scanned.',
  Events: 'What has happened in a project, and who is told of it.',
  Explain: 'Why an address or a name was scanned, or was not.',
  Workers: 'Who scans.',
  Sessions: 'Log a browser in and out.',
  System: 'Whether the service runs, and who did what.',
} as const;

export type Tag = keyof typeof TAGS;

export const INTRODUCTION = `
Tasker takes lists of scan targets, finds out which addresses they mean, leaves out what must not be scanned, and gives
one task per address to the workers.

### How to begin

1. Get a token from whoever runs this installation, and the UUID of your project. Every request but the open ones has
   the header \`Authorization: Bearer <token>\`.
2. \`POST /tasks/{project_id}/plan\` with your targets: it says what would be scanned and what would not, and sends
   nothing.
3. \`POST /tasks/{project_id}/run-nmap\` with the same body, or with \`{"plan": "<id>"}\`: the scan begins.
4. \`GET\` the \`href\` of the \`submission\` in the answer until its \`state\` is \`done\`, \`stopped\` or \`failed\`.

### Words

- A **submission** is one scan that you handed in. It is \`planning\` until Tasker knows what is scanned,
  \`dispatching\` while its tasks are being sent, and \`done\` when all are sent.
- A **plan** is the same without sending anything. It is kept for 24 hours.
- An **exclusion** is an address, a network, a range or a name that is never scanned. Exclusions win over everything.
- A **refusal** says why a target is not scanned; \`refused_detail\` names the rule.

### What holds everywhere

- Bodies and answers are JSON in UTF-8, and their fields are written in \`snake_case\`.
- Times are ISO 8601 in UTC; those that workers write are epoch seconds.
- Scan requests are answered when they are planned, or with 202 and the numbers so far. The same request, sent again
  meanwhile, joins the first one.
- Lists come in pages: give \`next\` of one page as \`cursor\` of the next; \`null\` means that it was the last one.

### Errors

Every answer from 400 up is JSON with a \`detail\` for people and a \`code\` for programs. A code keeps its meaning;
the text of a \`detail\` may change. With 422, \`detail\` is a list of everything that is wrong. With 429 and 503 the
header \`Retry-After\`, where it is there, says after how many seconds you may try again.
`.trim();
