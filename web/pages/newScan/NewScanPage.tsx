import { useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { ProjectField } from '../../parts/ProjectField.tsx';
import { projectId } from '../../state/project.ts';
import type { Who } from '../../state/session.ts';
import { draftOptions, draftText } from './draft.ts';
import { Editor } from './Editor.tsx';
import { OptionsPanel } from './OptionsPanel.tsx';
import { Plan } from './Plan.tsx';
import { Problems } from './Problems.tsx';
import { makePlan } from './plans.ts';
import { useChecked, wrongOf } from './useChecked.ts';
import './newScan.css';

/** Paste, check, plan, run: nothing goes out before the last step. */
export function NewScanPage({ who }: { who: Who }) {
  const text = draftText.value;
  const checked = useChecked(projectId.value, text);
  const [plan, setPlan] = useState<Schema<'Plan'>>();
  const [error, setError] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const project = projectId.value;

  const change = (next: string) => {
    draftText.value = next;
    setPlan(undefined);
  };
  const ask = async () => {
    if (!project) return;
    setBusy(true);
    setError(undefined);
    setPlan(undefined);
    try {
      setPlan(await makePlan(project, { ...draftOptions.value, hosts: [text] }));
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    }
    setBusy(false);
  };

  const wrong = checked.answer ? wrongOf(checked.answer) : 0;
  return (
    <>
      <div class="page-head">
        <div>
          <h1>New scan</h1>
          <p>Paste a list, look at what would go out, and run exactly that.</p>
        </div>
      </div>
      <div class="new-scan">
        <section class="panel stack" aria-labelledby="targets-to-scan">
          <h2 id="targets-to-scan">Targets</h2>
          <ProjectField canMake />
          <Editor text={text} problems={checked.answer?.problems ?? []} onText={change} />
          <Problems text={text} checked={checked} hasProject={project !== undefined} onText={change} />
        </section>
        <OptionsPanel isAdmin={who.admin} onChange={() => setPlan(undefined)} />
      </div>
      {error && <Failure of={error} />}
      <div class="row">
        <button
          type="button"
          class="button main"
          disabled={!project || text.trim() === '' || isBusy}
          onClick={() => void ask()}
        >
          <Icon name="check" />
          {isBusy ? 'Planning …' : 'Plan'}
        </button>
        <span class="muted small">
          {wrong > 0 && draftOptions.value.on_invalid !== 'skip'
            ? 'Entries that cannot be read refuse the whole request.'
            : 'A plan holds and sends nothing.'}
        </span>
      </div>
      {isBusy && <Notice>Names are looked up and rules are applied. A long list takes a while.</Notice>}
      {plan && project && <Plan key={plan.plan.id} project={project} plan={plan} />}
    </>
  );
}
