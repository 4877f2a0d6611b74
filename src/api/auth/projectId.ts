const HEXADECIMAL = /^[0-9a-f]{32}$/;

/**
 * A UUID in any of its spellings (no hyphens, upper case, braces, `urn:uuid:`) as lower case with hyphens;
 * undefined when it is none.
 */
export function readProjectId(typed: string): string | undefined {
  const lower = typed.toLowerCase();
  const bare = lower.startsWith('urn:uuid:') ? lower.slice('urn:uuid:'.length) : unbraced(lower);
  const digits = isHyphenated(bare) ? bare.replaceAll('-', '') : bare;
  if (!HEXADECIMAL.test(digits)) return undefined;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function unbraced(text: string): string {
  return text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
}

function isHyphenated(text: string): boolean {
  return text.length === 36 && [8, 13, 18, 23].every((at) => text[at] === '-');
}
