/** What stands in an entry of the trail or in an event, in one line: lists and fields differ from kind to kind. */
export function wordsOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(wordsOf).join(', ');
  if (typeof value !== 'object') return String(value);
  const { total, listed, ...others } = value as { total?: unknown; listed?: unknown };
  if (Array.isArray(listed)) {
    const more = Number(total) - listed.length;
    return wordsOf(listed) + (more > 0 ? `, and ${more} more` : '');
  }
  const fields = Object.entries({ ...(total !== undefined && { total }), ...others });
  return fields
    .map(([name, field]) => [name, wordsOf(field)])
    .filter(([, words]) => words !== '')
    .map((pair) => pair.join(' '))
    .sort()
    .join('; ');
}
