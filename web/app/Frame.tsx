import { type ComponentChildren, Fragment } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from '../parts/Icon.tsx';
import { StateLabel } from '../parts/StateLabel.tsx';
import { sayIfItFails, Toasts } from '../parts/toasts.tsx';
import { connect, disconnect, liveState } from '../state/live.ts';
import { logOut } from '../state/login.ts';
import { projects } from '../state/project.ts';
import { linkTo, route } from '../state/route.ts';
import type { Who } from '../state/session.ts';
import { switchTheme, theme } from '../state/theme.ts';
import { useAnswer } from '../state/useAnswer.ts';

interface Place {
  path: string;
  name: string;
  icon: IconName;
}

const PLACES: readonly Place[] = [
  { path: 'scans', name: 'Scans', icon: 'scans' },
  { path: 'new', name: 'New scan', icon: 'add' },
  { path: 'explain', name: 'Explain', icon: 'explain' },
  { path: 'scope', name: 'Scope', icon: 'scope' },
  { path: 'workers', name: 'Workers', icon: 'workers' },
];
const FOR_ADMINS: readonly Place[] = [{ path: 'dispatch', name: 'Dispatch', icon: 'dispatch' }];

const SUBMISSIONS = { topics: ['submission'] } as const;

/** Around every page: where one can go, whether it is live, and who is logged in. */
export function Frame({ who, children }: { who: Who; children: ComponentChildren }) {
  const page = useRef<HTMLElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [at = 'scans'] = route.value.path;
  const place = [...PLACES, ...FOR_ADMINS].find(({ path }) => path === at);

  const overview = useAnswer('listProjects', {}, SUBMISSIONS).data;
  useEffect(() => {
    if (overview) projects.value = overview.projects;
  }, [overview]);
  useEffect(() => {
    connect();
    return disconnect;
  }, []);
  useEffect(() => {
    document.title = `${place?.name ?? 'Not found'} · Tasker`;
    setOpen(false);
  }, [place]);

  return (
    <div class="frame">
      <button type="button" class="skip button" onClick={() => page.current?.focus()}>
        Skip to the page
      </button>
      <header class="side" data-open={isOpen}>
        <a class="brand" href={linkTo(['scans'])}>
          <img src="/icon.svg" width="22" height="22" alt="" />
          Tasker
        </a>
        <button
          type="button"
          class="button icon menu-button"
          aria-expanded={isOpen}
          aria-label="Menu"
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="menu" />
        </button>
        <nav class="nav" aria-label="Pages">
          <Links places={who.admin ? [...PLACES, ...FOR_ADMINS] : PLACES} at={at} />
          {who.admin && (
            <a href="/board">
              <Icon name="board" />
              Board
            </a>
          )}
        </nav>
        <SideEnd who={who} />
      </header>
      <main class="page" id="page" ref={page} tabIndex={-1}>
        {children}
      </main>
      <Toasts />
    </div>
  );
}

function Links({ places, at }: { places: readonly Place[]; at: string }) {
  return (
    <Fragment>
      {places.map(({ path, name, icon }) => (
        <a key={path} href={linkTo([path])} aria-current={path === at ? 'page' : undefined}>
          <Icon name={icon} />
          {name}
        </a>
      ))}
    </Fragment>
  );
}

function SideEnd({ who }: { who: Who }) {
  const isDark = theme.value === 'dark';
  return (
    <div class="side-end">
      <span role="status" title="Live by server-sent events; otherwise the page asks every 5 s">
        <StateLabel state={liveState.value} />
      </span>
      <div class="row">
        <span class="muted">
          {who.username}
          {who.admin && ' (admin)'}
        </span>
        <span class="row">
          <button
            type="button"
            class="button plain icon"
            aria-label={isDark ? 'Light colours' : 'Dark colours'}
            onClick={switchTheme}
          >
            <Icon name={isDark ? 'sun' : 'moon'} />
          </button>
          <button
            type="button"
            class="button plain icon"
            aria-label="Log out"
            onClick={() => void sayIfItFails(logOut())}
          >
            <Icon name="out" />
          </button>
        </span>
      </div>
    </div>
  );
}
