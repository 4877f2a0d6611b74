import type { Schema } from '../../src/client/client.ts';
import { count } from '../format/numbers.ts';

const PARTS = ['done', 'running', 'ready', 'waiting', 'failed', 'left out', 'refused'] as const;
type Part = (typeof PARTS)[number];
export type TargetNumbers = Readonly<Record<Part, number>>;

/** What was accepted and then left out, dropped or taken back, is one part. */
export function targetNumbers(counts: Schema<'ScanCounts'>): TargetNumbers {
  return { ...counts, 'left out': counts.dropped + counts.stopped };
}

/** How the targets of a scan stand, as one bar; read aloud as a sentence. */
export function TargetBar({ numbers }: { numbers: TargetNumbers }) {
  const shown = PARTS.filter((part) => numbers[part] > 0);
  return (
    <div class="bar" role="img" aria-label={sentenceOf(numbers, shown)} title={sentenceOf(numbers, shown)}>
      {shown.map((part) => (
        <span key={part} class={classOf(part)} style={{ flex: `${numbers[part]} 0 0` }} />
      ))}
    </div>
  );
}

function classOf(part: Part): string {
  return `part-${part.replace(' ', '-')}`;
}

function sentenceOf(numbers: TargetNumbers, shown: readonly Part[]): string {
  if (shown.length === 0) return 'no targets';
  return shown.map((part) => `${count(numbers[part])} ${part}`).join(', ');
}

export function TargetLegend({ numbers }: { numbers: TargetNumbers }) {
  return (
    <ul class="legend">
      {PARTS.map((part) => (
        <li key={part}>
          <span class={`swatch ${classOf(part)}`} />
          <span>
            {part} <strong>{count(numbers[part])}</strong>
          </span>
        </li>
      ))}
    </ul>
  );
}
