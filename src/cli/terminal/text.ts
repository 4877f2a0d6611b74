/** Text on a terminal: colours, and what fits into its width. */

const ESCAPE = '\u001b';
/** Colours, which are ours. */
const COLOUR = new RegExp(`(${ESCAPE}\\[[\\d;]*m)`, 'g');
/** What moves a cursor or turns the direction of writing came from outside: a name, a reason, somebody's remark. */
const CONTROL = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** One line, whatever stands in it. */
export function withoutControls(text: string): string {
  const parts = text.split(COLOUR);
  return parts.map((part, index) => (index % 2 === 1 ? part : part.replaceAll(CONTROL, ' '))).join('');
}

export function widthOf(text: string): number {
  return [...text.replaceAll(COLOUR, '')].length;
}

/** The beginning of a line that fits; a cut one ends in … and without colours that go on. */
export function cutTo(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line;
  let room = columns - 1;
  let kept = '';
  for (const [index, part] of line.split(COLOUR).entries()) {
    const letters = index % 2 === 1 ? [part] : [...part].slice(0, Math.max(0, room));
    kept += letters.join('');
    if (index % 2 === 0) room -= letters.length;
  }
  return `${kept}…`;
}

/** As many words to a line as cutTo, at least one. */
export function wrap(words: readonly string[], columns: number, gap = '  '): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    const joined = last === undefined ? word : `${last}${gap}${word}`;
    if (last === undefined || widthOf(joined) > columns) lines.push(word);
    else lines[lines.length - 1] = joined;
  }
  return lines;
}

const PAINTS = { red: 31, green: 32, yellow: 33, blue: 34, cyan: 36, grey: 90, bold: 1 } as const;
export type Colour = keyof typeof PAINTS;
export type Paint = (colour: Colour, text: string) => string;

export function painter(coloured: boolean): Paint {
  return (colour, text) => (coloured ? `${ESCAPE}[${PAINTS[colour]}m${text}${ESCAPE}[0m` : text);
}
