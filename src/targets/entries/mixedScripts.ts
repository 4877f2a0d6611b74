/** Names that look like others: a Cyrillic `а` in a Latin word leads to somebody else's host. */

const SCRIPTS = {
  Latin: /\p{Script=Latin}/u,
  Cyrillic: /\p{Script=Cyrillic}/u,
  Greek: /\p{Script=Greek}/u,
  Armenian: /\p{Script=Armenian}/u,
  Cherokee: /\p{Script=Cherokee}/u,
};

/** Letters that nobody can tell from an ASCII one, for the suggestion; one by one below each other. */
const LOOKALIKES = 'асԁеһіјӏорԛѕԝхуαικνορυχ';
const ASCII_ONES = 'acdehijlopqswxyaikvopux';

/**
 * A character that does not go with the others of its label (beside Latin letters: the first that is none), and the
 * label in ASCII if all its odd letters look like one there. undefined: one script, or scripts that do go together.
 */
export function mixedScript(label: string): { odd: string; script: string; ascii?: string } | undefined {
  const found = Object.entries(SCRIPTS).filter(([, letters]) => letters.test(label));
  const [, second] = found;
  if (second === undefined) return undefined;
  const [script, letters] = second;
  const odd = letters.exec(label)?.[0] ?? '';
  const ascii = [...label.toLowerCase()].map(asciiOf).join('');
  return { odd, script, ...(/^[a-z0-9_-]+$/.test(ascii) && { ascii }) };
}

function asciiOf(letter: string): string {
  return ASCII_ONES[LOOKALIKES.indexOf(letter)] ?? letter;
}
