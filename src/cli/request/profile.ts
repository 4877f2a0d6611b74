import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { messageOf } from '../../runtime/errors.ts';
import { usage } from '../exitCodes.ts';

/** Options of scans in a file: YAML, and so JSON as well. The fields are those of a request. */
export interface Profile {
  name: string;
  fields: Readonly<Record<string, unknown>>;
  /** Where a value stands, from 1; of one that is missing, where the one around it stands. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

/** @throws Exit when the file cannot be read, or is no object in YAML */
export function readProfile(path: string): Profile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw usage(`cannot read the profile ${path}: ${messageOf(error)}`);
  }
  return profileOf(path, text);
}

export function profileOf(name: string, text: string): Profile {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [problem] = document.errors;
  if (problem) {
    const line = problem.linePos?.[0].line ?? 1;
    throw usage(`${name}:${line}: ${problem.message.split('\n')[0]}`);
  }
  const fields: unknown = document.toJS();
  if (!isObject(fields)) throw usage(`${name} is no profile: it holds fields like "timeout: 600"`);
  return {
    name,
    fields: withTexts(fields),
    lineOf(path) {
      for (let length = path.length; length > 0; length -= 1) {
        const node = document.getIn(path.slice(0, length), true);
        if (isNode(node) && node.range) return lineCounter.linePos(node.range[0]).line;
      }
      return undefined;
    },
  };
}

/** `- 80` is a number to YAML, and a port is a text to the API. */
function withTexts(fields: Record<string, unknown>): Record<string, unknown> {
  const options = fields.open_ports_opts;
  if (!isObject(options) || !Array.isArray(options.ports)) return fields;
  const ports = options.ports.map((port) => (typeof port === 'number' ? String(port) : port));
  return { ...fields, open_ports_opts: { ...options, ports } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
