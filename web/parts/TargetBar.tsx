import { count } from '../format/numbers.ts';

const PARTS = ['done', 'running', 'ready', 'waiting', 'refused', 'failed'] as const;
type Part = (typeof PARTS)[number];
export type TargetNumbers = Readonly<Record<Part, number>>;

/** How the targets of a scan stand, as one bar; read aloud as a sentence. */
export function TargetBar({ numbers }: { numbers: TargetNumbers }) {
  const shown = PARTS.filter((part) => numbers[part] > 0);
  return (
    <div class="bar" role="img" aria-label={sentenceOf(numbers, shown)} title={sentenceOf(numbers, shown)}>
      {shown.map((part) => (
        <span key={part} class={`part-${part}`} style={{ flex: `${numbers[part]} 0 0` }} />
      ))}
    </div>
  );
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
          <span class={`swatch part-${part}`} />
          <span>
            {part} <strong>{count(numbers[part])}</strong>
          </span>
        </li>
      ))}
    </ul>
  );
}
