import type { Schema } from '../../../src/client/client.ts';
import { counted } from '../../format/numbers.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { StateLabel } from '../../parts/StateLabel.tsx';
import { withFix, withoutLine } from './request.ts';
import { type Checked, wrongOf } from './useChecked.ts';

type Problem = Schema<'EntryProblem'>;

interface Props {
  text: string;
  checked: Checked;
  hasProject: boolean;
  onText: (text: string) => void;
}

const SHOWN = 50;

/** What was read, what could not be, and the fix of each one click away. */
export function Problems({ text, checked, hasProject, onText }: Props) {
  const { answer, error, isBusy } = checked;
  if (text.trim() === '') return null;
  if (!hasProject) return <p class="muted small">Choose a project, and the list is checked as you type.</p>;
  if (error) return <Failure of={error} />;
  return (
    <div class="stack tight">
      <p class="small" role="status">
        {answer ? sentenceOf(answer) : 'Checking …'}
        {answer && isBusy && ' …'}
      </p>
      {answer && answer.problems.length > 0 && (
        <ul class="problems" aria-label="What cannot be read">
          {answer.problems.slice(0, SHOWN).map((problem) => (
            <ProblemItem
              key={`${problem.line} ${problem.column}`}
              problem={problem}
              text={text}
              onText={onText}
            />
          ))}
        </ul>
      )}
      {answer && wrongOf(answer) > SHOWN && (
        <p class="small muted">and {counted(wrongOf(answer) - SHOWN, 'more', 'more')}</p>
      )}
    </div>
  );
}

function sentenceOf(answer: Schema<'CheckedEntries'>): string {
  const parts = [
    counted(answer.entries, 'entry', 'entries'),
    counted(answer.addresses, 'address', 'addresses'),
  ];
  if (answer.names > 0) parts.push(counted(answer.names, 'name'));
  if (answer.duplicates_removed > 0) parts.push(counted(answer.duplicates_removed, 'duplicate'));
  const wrong = wrongOf(answer);
  return `${parts.join(', ')}; ${wrong === 0 ? 'all can be read' : `${counted(wrong, 'entry', 'entries')} cannot be read`}`;
}

interface ItemProps {
  problem: Problem;
  text: string;
  onText: (text: string) => void;
}

function ProblemItem({ problem, text, onText }: ItemProps) {
  const { line, message, fix } = problem;
  const input = typeof problem.input === 'string' ? problem.input : '';
  return (
    <li class="problem">
      <div>
        <StateLabel state="failed" words={`line ${line}`} /> <code>{input}</code>
        <p class="small muted">{message}</p>
      </div>
      <div class="row">
        {fix !== undefined && (
          <button
            type="button"
            class="button"
            onClick={() => onText(withFix(text, { ...problem, input }, fix))}
          >
            <Icon name="check" />
            Use <code>{fix}</code>
          </button>
        )}
        <button type="button" class="button plain" onClick={() => onText(withoutLine(text, line))}>
          Remove the line
        </button>
      </div>
    </li>
  );
}
