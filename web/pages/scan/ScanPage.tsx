import type { Schema } from '../../../src/client/client.ts';
import { ScanActions } from '../../actions/ScanActions.tsx';
import { moment } from '../../format/time.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Loading } from '../../parts/Notice.tsx';
import { StateLabel, scanState } from '../../parts/StateLabel.tsx';
import { projectName } from '../../state/project.ts';
import { linkTo } from '../../state/route.ts';
import type { Who } from '../../state/session.ts';
import { useAnswer } from '../../state/useAnswer.ts';
import { Audit } from './Audit.tsx';
import { CancelTargets } from './CancelTargets.tsx';
import { countsOf } from './counts.ts';
import { Options } from './Options.tsx';
import { Progress } from './Progress.tsx';
import { Refusals } from './Refusals.tsx';
import { Stages } from './Stages.tsx';
import { TakenOut } from './TakenOut.tsx';
import { Targets } from './Targets.tsx';
import './scan.css';

interface Props {
  project: string;
  id: string;
  who: Who;
}

const SUBMISSIONS = ['submission'] as const;

/** All that is known of one scan. */
export function ScanPage({ project, id, who }: Props) {
  const path = { project_id: project, submission_id: id };
  const { data, error, reload } = useAnswer(
    'getSubmission',
    { path },
    { topics: SUBMISSIONS, isMeant: aboutOf(id) },
  );
  if (!data && !error) return <Loading what="The scan" lines={8} />;
  return (
    <>
      {error && <Failure of={error} retry={reload} />}
      {data && <Scan scan={data} who={who} onDone={reload} />}
    </>
  );
}

/** Whether an event is about this scan. */
function aboutOf(id: string): (data: unknown) => boolean {
  return (data) => typeof data === 'object' && data !== null && 'id' in data && data.id === id;
}

interface ScanProps {
  scan: Schema<'SubmissionDetails'>;
  who: Who;
  onDone: () => void;
}

function Scan({ scan, who, onDone }: ScanProps) {
  const { id, project } = scan;
  const listed = useAnswer(
    'listAllSubmissions',
    { query: { project, text: id, limit: 1 } },
    { topics: SUBMISSIONS, isMeant: aboutOf(id) },
  );
  // The list tells apart what is ready and what runs, and knows the first entries.
  const row = listed.data?.submissions[0];
  const counts = row?.counts ?? countsOf(scan);
  return (
    <>
      <div class="page-head">
        <div>
          <p class="small">
            <a href={linkTo(['scans'])}>Scans</a> / <span title={project}>{projectName(project)}</span>
          </p>
          <h1 class="row">
            Scan <span class="mono">{id.slice(0, 8)}</span>
            <StateLabel state={scanState(scan.state)} />
          </h1>
          <p>
            {scan.user.username}, {moment(scan.created_at)}
            {scan.paused && ` · ${scan.paused}`}
          </p>
          {row && <p class="mono small">{row.entries.first.join(', ')}</p>}
        </div>
        <div class="row">
          <ScanActions scan={{ ...scan, open: counts }} isAdmin={who.admin} onDone={onDone} />
          <CancelTargets scan={scan} onDone={onDone} />
        </div>
      </div>
      <Stages scan={scan} isAdmin={who.admin} onDone={onDone} />
      <Progress scan={scan} counts={counts} onDone={onDone} />
      <div class="columns">
        <Refusals scan={scan} />
        <Options scan={scan} />
      </div>
      <TakenOut scan={scan} />
      <Targets project={project} id={id} />
      <Audit project={project} id={id} />
    </>
  );
}
