import { useEffect, useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Empty, Loading } from '../../parts/Notice.tsx';
import { ProjectField } from '../../parts/ProjectField.tsx';
import { project, projectId } from '../../state/project.ts';
import { route } from '../../state/route.ts';
import type { Who } from '../../state/session.ts';
import { useAnswer } from '../../state/useAnswer.ts';
import { AddExclusions } from './AddExclusions.tsx';
import { ExclusionList } from './ExclusionList.tsx';
import { InstallationList } from './InstallationList.tsx';

/** What is never scanned: of the installation, and of a project. */
export function ScopePage({ who }: { who: Who }) {
  const asked = route.value.query.get('project');
  useEffect(() => {
    if (asked) project.value = asked;
  }, [asked]);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Scope</h1>
          <p>What is never scanned, who said so and why, and the receipt that nothing touches it any more.</p>
        </div>
      </div>
      <div class="panel">
        <ProjectField />
      </div>
      {projectId.value ? (
        <Lists key={projectId.value} id={projectId.value} who={who} />
      ) : (
        <Empty title="Which project?">
          <p>Exclusions belong to a project. Those of the installation hold for all.</p>
        </Empty>
      )}
    </>
  );
}

const SUBMISSIONS = { topics: ['submission'] } as const;

function Lists({ id, who }: { id: string; who: Who }) {
  const { data, error, reload } = useAnswer('listExclusions', { path: { project_id: id } }, SUBMISSIONS);
  const [isAdding, setAdding] = useState(false);
  const [added, setAdded] = useState<Schema<'AppliedExclusions'>>();
  if (error && !data) return <Failure of={error} retry={reload} />;
  if (!data) return <Loading what="The exclusions" />;
  const close = () => setAdding(false);
  return (
    <>
      {isAdding && (
        <AddExclusions
          id={id}
          isAdmin={who.admin}
          onDone={(receipt) => {
            setAdded(receipt);
            reload();
          }}
          onClose={close}
        />
      )}
      <ExclusionList
        id={id}
        who={who}
        exclusions={data.exclusions}
        {...(added && { added })}
        onDone={reload}
        add={
          <button type="button" class="button main" onClick={() => setAdding(true)}>
            <Icon name="add" />
            Exclude
          </button>
        }
      />
      <InstallationList id={id} entries={data.installation} isHidden={data.installation_hidden} />
    </>
  );
}
