import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { DispatchPage } from '../pages/dispatch/DispatchPage.tsx';
import { ExplainPage } from '../pages/explain/ExplainPage.tsx';
import { NewScanPage } from '../pages/newScan/NewScanPage.tsx';
import { PlanPage } from '../pages/newScan/PlanPage.tsx';
import { ScanPage } from '../pages/scan/ScanPage.tsx';
import { ScansPage } from '../pages/scans/ScansPage.tsx';
import { ScopePage } from '../pages/scope/ScopePage.tsx';
import { WorkersPage } from '../pages/workers/WorkersPage.tsx';
import { Loading } from '../parts/Notice.tsx';
import { linkTo, replaceWith, route } from '../state/route.ts';
import type { Who } from '../state/session.ts';

/** What the address names. */
export function Page({ who }: { who: Who }): JSX.Element {
  const [name = 'scans', project, id] = route.value.path;
  if (name === 'scans' && project && id) return <ScanPage key={id} project={project} id={id} who={who} />;
  if (name === 'plans' && project && id) return <PlanPage key={id} project={project} id={id} />;
  if (name === 'login') return <WayBack />;
  if (name === 'scans') return <ScansPage who={who} />;
  if (name === 'new') return <NewScanPage who={who} />;
  if (name === 'explain') return <ExplainPage />;
  if (name === 'scope') return <ScopePage who={who} />;
  if (name === 'workers') return <WorkersPage />;
  if (name === 'dispatch' && who.admin) return <DispatchPage />;
  return (
    <div class="empty">
      <h1>This page is not there</h1>
      <a href={linkTo(['scans'])}>All scans</a>
    </div>
  );
}

/** Pages of this server that ask for a log-in, and to which it leads back. No address of a link leads anywhere else. */
const ASKS_FOR_LOGIN = /^\/board(\/|$)/;

function WayBack() {
  const to = route.value.query.get('to') ?? '';
  useEffect(() => {
    if (ASKS_FOR_LOGIN.test(to)) location.replace(to);
    else replaceWith(['scans']);
  }, [to]);
  return <Loading what="The page that you came from" />;
}
