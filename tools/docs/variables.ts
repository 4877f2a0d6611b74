import { STORE_ROWS } from '../../src/config/storeRows.ts';
import { ROWS } from '../../src/config/variables.ts';
import { markdownTable } from './table.ts';

type Variable = [name: string, row: (typeof ROWS)[keyof typeof ROWS]];

/** The variables in groups; each begins with the variable that is named here. */
const GROUPS: Readonly<Record<string, string>> = {
  PORT: 'The server',
  REDIS_URL: 'Redis',
  RABBITMQ_URL: 'RabbitMQ',
  POSTGRES_HOST: 'PostgreSQL (only for AUTH_PROVIDER=postgres)',
  AUTH_PROVIDER: 'Who may call, and what is known',
  ALLOWED_HOSTS: 'What may be scanned',
  AUDIT_KEEP: 'Audit trail',
  WEBHOOK_ALLOW_PRIVATE: 'Webhooks',
  DNS_SERVERS: 'Names',
  DISPATCH_WINDOW: 'Pace and limits',
  METRICS: 'Metrics and traces',
  ALLOW_SINGLE_LABEL: 'Others',
};

function groups(): { title: string; variables: Variable[] }[] {
  const found: { title: string; variables: Variable[] }[] = [];
  for (const variable of Object.entries(ROWS)) {
    const title = GROUPS[variable[0]];
    if (title !== undefined) found.push({ title, variables: [] });
    found.at(-1)?.variables.push(variable);
  }
  return found;
}

/** One table a group, for Markdown. */
export function variableTables(): string {
  return groups()
    .map(({ title, variables }) => `### ${title}\n\n${tableOf(variables)}`)
    .join('\n');
}

function tableOf(variables: readonly Variable[]): string {
  const rows = variables.map(([name, row]) => [`\`${name}\``, row.default, plain(row.mayBe), row.meaning]);
  return markdownTable(['variable', 'default', 'it may be', 'meaning'], rows);
}

/** A star stands for itself; `meaning` is Markdown already. */
const plain = (text: string) => text.replaceAll('*', '\\*');

const HEAD = `# Copy to .env. An empty value is no value: the default holds. Real environment variables win over this file.
# Names may also be written in lower case.
`;

/** The file that people copy to `.env`: every variable with its default. */
export function envExample(): string {
  const parts = groups().flatMap(({ title, variables }) => [
    `# --- ${title} ---\n`,
    ...variables.map(([name, row]) => {
      const told = isTold(name, row);
      const comment = `# ${row.meaning}${told ? ` Default: ${row.default}.` : ''}\n# It may be ${row.mayBe}.`;
      return `${comment}\n${name}=${told ? '' : row.default}\n`;
    }),
  ]);
  return [HEAD, ...parts].join('\n');
}

/**
 * A default in words is told in the comment: as a value it would count. So is one that a URL or the sentinels may say
 * otherwise: both would be there then, and be refused.
 */
function isTold(name: string, { default: value }: Variable[1]): boolean {
  return value.includes(' ') || (value !== '' && name in STORE_ROWS);
}
