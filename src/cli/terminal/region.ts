import type { WriteStream } from 'node:tty';
import { cutTo, widthOf } from './text.ts';

/** Terminals wrap nothing meanwhile, however wide they think that a letter is. */
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';
const REST_OF_LINE = '\u001b[K';
const REST_OF_SCREEN = '\u001b[J';

/** The last lines of a terminal, drawn over and over. */
export class LiveRegion {
  readonly #terminal: WriteStream;
  #drawn: string[] = [];

  constructor(terminal: WriteStream) {
    this.#terminal = terminal;
  }

  /** What does not cutTo, in width or in height, is cut. */
  draw(lines: readonly string[]): void {
    const { columns, rows } = this.#terminal;
    const shown = lines.slice(0, Math.max(1, rows - 1)).map((line) => cutTo(line, columns));
    const text = shown.map((line) => `${line}${REST_OF_LINE}\n`).join('');
    this.#terminal.write(`${NO_WRAP}${this.#back()}${text}${REST_OF_SCREEN}${WRAP}`);
    this.#drawn = shown;
  }

  /** To the first line: a window that has become narrower has wrapped what was drawn. */
  #back(): string {
    const { columns } = this.#terminal;
    const rows = this.#drawn.map((line) => Math.max(1, Math.ceil(widthOf(line) / columns)));
    const up = rows.reduce((sum, row) => sum + row, 0);
    return up === 0 ? '' : `\r\u001b[${up}A`;
  }
}
