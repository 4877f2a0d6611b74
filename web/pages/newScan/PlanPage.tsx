import { Failure } from '../../parts/Failure.tsx';
import { Empty, Loading } from '../../parts/Notice.tsx';
import { linkTo } from '../../state/route.ts';
import { useAnswer } from '../../state/useAnswer.ts';
import { Plan } from './Plan.tsx';
import './newScan.css';

const SUBMISSIONS = { topics: ['submission'] } as const;

/** A plan that somebody made: the board leads here. */
export function PlanPage({ project, id }: { project: string; id: string }) {
  const asked = { path: { project_id: project, plan_id: id } };
  const { data, error, reload } = useAnswer('getPlan', asked, SUBMISSIONS);
  return (
    <>
      <div class="page-head">
        <div>
          <p class="small">
            <a href={linkTo(['scans'], { project })}>Scans of the project</a>
          </p>
          <h1>
            Plan <span class="mono">{id.slice(0, 8)}</span>
          </h1>
        </div>
      </div>
      {error && !data && <Failure of={error} retry={reload} />}
      {!data && !error && <Loading what="The plan" />}
      {data && !('entries' in data) && <Empty title="The plan is still being made" />}
      {data && 'entries' in data && <Plan project={project} plan={data} />}
    </>
  );
}
