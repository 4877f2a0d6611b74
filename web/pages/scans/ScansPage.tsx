import { StopProject } from '../../actions/StopProject.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Empty, Loading } from '../../parts/Notice.tsx';
import { keepQuery, linkTo, route } from '../../state/route.ts';
import type { Who } from '../../state/session.ts';
import { useAnswer } from '../../state/useAnswer.ts';
import { Filters, type Query, queryOf } from './Filters.tsx';
import { ScanRow } from './ScanRow.tsx';
import './scans.css';

/** Every scan that one may see, newest first. */
export function ScansPage({ who }: { who: Who }) {
  const query = queryOf(route.value.query);
  const { data, error, reload } = useAnswer(
    'listAllSubmissions',
    { query: { ...query, limit: 50 } },
    SUBMISSIONS,
  );
  const isFiltered = Object.keys(query).some((name) => name !== 'cursor');
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Scans</h1>
          <p>
            {who.admin ? 'Of all projects' : 'Of your projects'}, newest first. What ended is kept for 24
            hours.
          </p>
        </div>
        <div class="row">
          {query.project && <StopProject project={query.project} onDone={reload} />}
          <a class="button main" href={linkTo(['new'])}>
            <Icon name="add" />
            New scan
          </a>
        </div>
      </div>
      <Filters query={query} />
      {error && <Failure of={error} retry={reload} />}
      {!data && !error && <Loading what="The list of scans" lines={6} />}
      {data && data.submissions.length === 0 && <NoScans isFiltered={isFiltered} />}
      {data && data.submissions.length > 0 && (
        <ul class="scans" aria-label="Scans">
          {data.submissions.map((scan) => (
            <ScanRow key={scan.id} scan={scan} who={who} onDone={reload} />
          ))}
        </ul>
      )}
      {data && <Pages query={query} next={data.next} />}
    </>
  );
}

const SUBMISSIONS = { topics: ['submission'] } as const;

function NoScans({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered)
    return (
      <Empty title="No scan is like that">
        <button type="button" class="button" onClick={() => keepQuery({})}>
          Show all
        </button>
      </Empty>
    );
  return (
    <Empty title="There are no scans yet">
      <p>A scan that you start, here or with the API, is in this list at once.</p>
      <a class="button main" href={linkTo(['new'])}>
        <Icon name="add" />
        Start the first one
      </a>
    </Empty>
  );
}

function Pages({ query, next }: { query: Query; next: string | null }) {
  if (!next && !query.cursor) return null;
  const { cursor, ...filters } = query;
  return (
    <nav class="row" aria-label="Pages of the list">
      {cursor && (
        <a class="button" href={linkTo(['scans'], filters)}>
          Newest
        </a>
      )}
      {next && (
        <a class="button" href={linkTo(['scans'], { ...filters, cursor: next })}>
          Older
          <Icon name="right" />
        </a>
      )}
    </nav>
  );
}
