import { useEffect, useState } from 'preact/hooks';
import { moment } from '../../format/time.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Empty, Loading } from '../../parts/Notice.tsx';
import { ProjectField } from '../../parts/ProjectField.tsx';
import { StateLabel, scanState } from '../../parts/StateLabel.tsx';
import { project, projectId } from '../../state/project.ts';
import { keepQuery, linkTo, route } from '../../state/route.ts';
import { useAnswer } from '../../state/useAnswer.ts';
import { Chains } from './Chains.tsx';
import { Network } from './Network.tsx';
import './explain.css';

/** Why an address, or a name, was scanned or was not. */
export function ExplainPage() {
  const target = route.value.query.get('target') ?? '';
  const asked = route.value.query.get('project');
  const cursor = route.value.query.get('cursor') ?? undefined;
  useEffect(() => {
    if (asked) project.value = asked;
  }, [asked]);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Explain</h1>
          <p>
            Why an address, a network or a name was scanned, or was not: from the line that named it to the
            worker.
          </p>
        </div>
      </div>
      <Question target={target} />
      {target !== '' && projectId.value && (
        <Answers project={projectId.value} target={target} {...(cursor && { cursor })} />
      )}
      {target === '' && (
        <Empty title="Ask about an address, a network or a name">
          <p>Every scan of the project that had to do with it is listed, newest first.</p>
        </Empty>
      )}
    </>
  );
}

function Question({ target }: { target: string }) {
  const [text, setText] = useState(target);
  useEffect(() => setText(target), [target]);
  const ask = (event: Event) => {
    event.preventDefault();
    keepQuery({ project: projectId.value, target: text.trim() });
  };
  return (
    <form class="panel question" onSubmit={ask}>
      <ProjectField />
      <label class="field">
        <span class="label">Address, network or name</span>
        <input
          class="mono"
          type="search"
          placeholder="8.8.8.8, 8.8.8.0/24 or www.example.com"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <button type="submit" class="button main" disabled={text.trim() === '' || !projectId.value}>
        <Icon name="explain" />
        Explain
      </button>
    </form>
  );
}

const SUBMISSIONS = { topics: ['submission'] } as const;

function Answers({ project: id, target, cursor }: { project: string; target: string; cursor?: string }) {
  const asked = { path: { project_id: id }, query: { target, ...(cursor && { cursor }) } };
  const { data, error, reload } = useAnswer('explainTarget', asked, SUBMISSIONS);
  if (error && !data) return <Failure of={error} retry={reload} />;
  if (!data) return <Loading what="The explanation" />;
  if (data.submissions.length === 0)
    return (
      <Empty title={`No scan had to do with ${target}`}>
        <p>
          {data.next
            ? '100 scans were looked at. There are older ones.'
            : 'No entry of a scan that is kept leads to it. Scans are kept for 24 hours after their end.'}
        </p>
        {data.next && (
          <a class="button" href={linkTo(['explain'], { project: id, target, cursor: data.next })}>
            Look at older scans
          </a>
        )}
      </Empty>
    );
  return (
    <>
      {data.submissions.map((explanation) => (
        <section
          key={explanation.submission.id}
          class="panel stack"
          aria-label={`Scan ${explanation.submission.id}`}
        >
          <div class="row apart">
            <h2>
              Scan{' '}
              <a class="mono" href={linkTo(['scans', id, explanation.submission.id])}>
                {explanation.submission.id.slice(0, 8)}
              </a>{' '}
              <span class="muted light">
                {explanation.submission.user.username}, {moment(explanation.submission.created_at)}
              </span>
            </h2>
            <StateLabel state={scanState(explanation.submission.state)} />
          </div>
          {explanation.network ? (
            <Network explanation={explanation} counts={explanation.network} target={target} project={id} />
          ) : (
            <Chains explanation={explanation} />
          )}
        </section>
      ))}
      {data.next && (
        <a class="button" href={linkTo(['explain'], { project: id, target, cursor: data.next })}>
          Older scans
          <Icon name="right" />
        </a>
      )}
    </>
  );
}
