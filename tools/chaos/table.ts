import { type Book, VICTIMS } from './book.ts';
import { type Finding, holds } from './judge.ts';

/** Of each check at most so many cases are shown. */
const MOST_CASES = 12;

export function headLines(book: Book, tookMs: number, settledMs: number): string {
  const killed = VICTIMS.map((kind) => `${kind} ${book.kills.filter((kill) => kill.kind === kind).length}`);
  const acted = [...book.actions].map(([name, count]) => `${name} ${count}`);
  return [
    `${book.kills.length} kills in ${seconds(tookMs)}: ${killed.join(', ')}`,
    `the users: ${acted.join(', ')}`,
    `${book.accepted.length} of ${book.requests.length} scan requests accepted; ${book.unanswered} calls without an answer`,
    `everything had ended ${seconds(settledMs)} after the last kill`,
  ].join('\n');
}

export function tableOf(findings: readonly Finding[]): string {
  const rows = findings.flatMap((finding) => {
    const { check, cases, allowed, of } = finding;
    const cells = [
      holds(finding) ? 'holds' : 'FALLS',
      check.padEnd(34),
      String(cases.length).padStart(6),
      String(allowed).padStart(8),
      `  ${of}`,
    ];
    const more = cases.length > MOST_CASES ? [`and ${cases.length - MOST_CASES} more`] : [];
    const shown = holds(finding) ? [] : [...cases.slice(0, MOST_CASES), ...more];
    return [cells.join(' '), ...shown.map((line) => `        ${line}`)];
  });
  return [`      ${'check'.padEnd(34)}  found  allowed   out of`, ...rows].join('\n');
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(0)} s`;
}
