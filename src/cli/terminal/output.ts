/** Where a command writes: results to stdout, remarks to stderr. */
import { wantsColours } from '../../config/commandLine.ts';
import { cutTo, type Paint, painter, withoutControls } from './text.ts';

export interface Output {
  /** Results are JSON, one value a line, and nothing else. */
  json: boolean;
  /** Somebody looks at the results; undefined: they go to a program or a file. */
  terminal: NodeJS.WriteStream | undefined;
  paint: Paint;
  /** Lines for people; cut at the width of the terminal. This and the next two resolve when more may be written. */
  lines(lines: readonly string[]): Promise<void>;
  /** A value for programs. */
  value(value: unknown): Promise<void>;
  /** Text as it came. */
  raw(text: string): Promise<void>;
  /** Beside the results. */
  note(line: string): void;
}

export function createOutput({ json, color }: { json: boolean; color: boolean }): Output {
  const terminal = process.stdout.isTTY ? process.stdout : undefined;
  const raw = (text: string) =>
    process.stdout.write(text)
      ? Promise.resolve()
      : new Promise<void>((resolve) => process.stdout.once('drain', () => resolve()));
  return {
    json,
    terminal,
    paint: painter(color && !json && wantsColours(terminal !== undefined)),
    lines(lines) {
      const plain = lines.map(withoutControls);
      const shown = terminal ? plain.map((line) => cutTo(line, terminal.columns)) : plain;
      return raw(shown.map((line) => `${line}\n`).join(''));
    },
    value: (value) => raw(`${JSON.stringify(value)}\n`),
    raw,
    note: (line) => void process.stderr.write(`${withoutControls(line)}\n`),
  };
}
