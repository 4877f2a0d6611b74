import { useEffect, useRef, useState } from 'preact/hooks';
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
  const file = useRef<HTMLInputElement>(null);
  const take = async (given: File | undefined) => {
    if (given) onText(await given.text());
  };
  const isOver = useDroppedFile((given) => void take(given));
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

/**
 * Takes a file that is dropped anywhere on the page: beside the list the browser would leave the page for it, and the draft
 * would be gone. Gives whether one is held over the page.
 */
function useDroppedFile(take: (file: File | undefined) => void): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const listening = new AbortController();
    const on = (name: 'dragover' | 'dragleave' | 'drop', react: (event: DragEvent) => void) => {
      const ofFiles = (event: DragEvent) => {
        if (event.dataTransfer?.types.includes('Files')) react(event);
      };
      addEventListener(name, ofFiles, { signal: listening.signal });
    };
    on('dragover', (event) => {
      event.preventDefault();
      setOver(true);
    });
    // It has left the page, and not just one of its parts.
    on('dragleave', ({ relatedTarget }) => {
      if (relatedTarget === null) setOver(false);
    });
    on('drop', (event) => {
      event.preventDefault();
      setOver(false);
      take(event.dataTransfer?.files[0]);
    });
    return () => listening.abort();
  }, [take]);
  return isOver;
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
