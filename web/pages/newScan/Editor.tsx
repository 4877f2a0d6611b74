import { useRef, useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { Icon } from '../../parts/Icon.tsx';

interface Props {
  text: string;
  problems: readonly Schema<'EntryProblem'>[];
  onText: (text: string) => void;
}

/** As the style has it: the numbers stand beside their lines. */
const LINE_PX = 22;
const HEIGHT_PX = 330;

/** The list as text, with line numbers, and a mark at each line that cannot be read. */
export function Editor({ text, problems, onText }: Props) {
  const [topPx, setTopPx] = useState(0);
  const [isOver, setOver] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const take = async (given: File | undefined) => {
    if (given) onText(await given.text());
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer?.files[0]);
  };
  return (
    <div class="stack tight">
      <div class={isOver ? 'editor over' : 'editor'}>
        <Gutter text={text} problems={problems} topPx={topPx} />
        <textarea
          class="editor-text"
          aria-label="Addresses, networks, ranges and names, one a line"
          spellcheck={false}
          wrap="off"
          placeholder={'8.8.8.0/28\n8.8.4.1-8.8.4.20\nwww.example.com   # a comment'}
          value={text}
          onInput={({ currentTarget }) => onText(currentTarget.value)}
          onScroll={({ currentTarget }) => setTopPx(currentTarget.scrollTop)}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        />
      </div>
      <div class="row">
        <button type="button" class="button" onClick={() => file.current?.click()}>
          <Icon name="file" />
          Open a file
        </button>
        <input
          ref={file}
          type="file"
          hidden
          accept=".txt,.csv,.list,text/*"
          onChange={({ currentTarget }) => void take(currentTarget.files?.[0])}
        />
        <span class="muted small">or drop one here</span>
      </div>
    </div>
  );
}

/** Only the numbers in sight: a list may have a million lines. */
function Gutter({ text, problems, topPx }: { text: string; problems: Props['problems']; topPx: number }) {
  const wrong = new Set(problems.map(({ line }) => line));
  const lines = text.split('\n').length;
  const first = Math.floor(topPx / LINE_PX);
  const shown = Math.min(lines - first, Math.ceil(HEIGHT_PX / LINE_PX) + 1);
  return (
    <div class="gutter" aria-hidden="true">
      <ol style={{ transform: `translateY(${first * LINE_PX - topPx}px)` }}>
        {Array.from({ length: Math.max(0, shown) }, (_, index) => first + index + 1).map((line) => (
          <li key={line} class={wrong.has(line) ? 'wrong' : undefined}>
            {line}
          </li>
        ))}
      </ol>
    </div>
  );
}
