import type { Schema } from '../../../src/client/client.ts';

/** The fields that have a name; the API lets others pass, with a warning. */
type Named<T> = { [Key in keyof T as string extends Key ? never : Key]: T[Key] };

/** What a scan is asked with, without its entries. */
export type Options = Omit<Named<Schema<'ScanRequest'>>, 'hosts'>;

export const USUAL: Options = {
  open_ports_opts: { top_ports: 1_000, transport_protocol: 'tcp', skip_host_discovery: true },
  service_opts: {},
  timeout: 3_600,
  include_services: true,
  mode: 'insert',
  priority: 3,
};

/** The ports as somebody types them: by comma, blank or line. */
export function portList(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

export function portText({ ports = [] }: Schema<'OpenPortsOptions'>): string {
  return ports.join(', ');
}

/** An object without the fields that are `undefined`, as JSON has none. */
export function without<T extends object>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** What a text says as options, or what is wrong with it. The API looks at the rest. */
export function readOptions(text: string): { options: Options } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { problem: 'The options are an object: {…}' };
    return { options: value as Options };
  } catch (error) {
    return { problem: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Where an entry stands, and how it begins: a long one is told in part. */
interface Place {
  line: number;
  column: number;
  length: number;
  input: string;
}

/** The text with one entry replaced; as it was when the entry is not there any more. */
export function withFix(text: string, { line, column, length, input }: Place, fix: string): string {
  const lines = text.split('\n');
  const found = lines[line - 1];
  if (found === undefined || !found.startsWith(input, column - 1)) return text;
  lines[line - 1] = found.slice(0, column - 1) + fix + found.slice(column - 1 + length);
  return lines.join('\n');
}

export function withoutLine(text: string, line: number): string {
  return text
    .split('\n')
    .filter((_, index) => index !== line - 1)
    .join('\n');
}
