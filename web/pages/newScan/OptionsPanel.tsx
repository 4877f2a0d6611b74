import { useState } from 'preact/hooks';
import { Notice } from '../../parts/Notice.tsx';
import { draftOptions } from './draft.ts';
import { MoreOptions } from './MoreOptions.tsx';
import { OptionsForm } from './OptionsForm.tsx';
import { type Options, readOptions, without } from './request.ts';

interface Props {
  isAdmin: boolean;
  onChange: () => void;
}

/** The options as a form, or as the JSON that the API takes: two views of the same. */
export function OptionsPanel({ isAdmin, onChange }: Props) {
  const [view, setView] = useState<'form' | 'json'>('form');
  const set = (options: Options) => {
    draftOptions.value = without(options);
    onChange();
  };
  return (
    <section class="panel stack" aria-labelledby="scan-options">
      <div class="row apart">
        <h2 id="scan-options">Options</h2>
        <div class="tabs">
          <button type="button" aria-pressed={view === 'form'} onClick={() => setView('form')}>
            Form
          </button>
          <button type="button" aria-pressed={view === 'json'} onClick={() => setView('json')}>
            JSON
          </button>
        </div>
      </div>
      {view === 'form' ? (
        <>
          <OptionsForm options={draftOptions.value} isAdmin={isAdmin} onChange={set} />
          <MoreOptions options={draftOptions.value} onChange={set} />
        </>
      ) : (
        <JsonOptions onChange={set} />
      )}
    </section>
  );
}

function JsonOptions({ onChange }: { onChange: (options: Options) => void }) {
  const [text, setText] = useState(() => JSON.stringify(draftOptions.value, null, 2));
  const read = readOptions(text);
  return (
    <>
      <textarea
        class="json-options"
        aria-label="Options as JSON"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          const next = readOptions(currentTarget.value);
          if ('options' in next) onChange(next.options);
        }}
      />
      {'problem' in read && <Notice tone="bad">{read.problem}</Notice>}
    </>
  );
}
