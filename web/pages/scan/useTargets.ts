import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Asked, Schema } from '../../../src/client/client.ts';
import { call } from '../../state/calls.ts';

type Target = Schema<'Target'>;
type Query = NonNullable<Asked<'listTargets'>['query']>;
export type TargetFilters = Pick<Query, 'state' | 'reason' | 'text'>;

const PAGE = 200;
/** After the last key. */
const PAUSE_MS = 300;

interface Loaded {
  targets: readonly Target[];
  /** Of the next page; null: that was all. `undefined`: nothing is loaded yet. */
  next: string | null | undefined;
  error?: Error;
}

const NOTHING: Loaded = { targets: [], next: undefined };

/** The targets of a scan, page after page, as somebody scrolls to them. */
export function useTargets(project: string, id: string, { state, reason, text }: TargetFilters) {
  const [loaded, setLoaded] = useState(NOTHING);
  const [turn, setTurn] = useState(0);
  const running = useRef<AbortController | null>(null);

  const load = useCallback(
    async (before: Loaded) => {
      if (running.current) return;
      const gone = new AbortController();
      running.current = gone;
      try {
        const query = {
          limit: PAGE,
          ...(state && { state }),
          ...(reason && { reason }),
          ...(text && { text }),
          ...(before.next && { cursor: before.next }),
        };
        const path = { project_id: project, submission_id: id };
        const page = await call('listTargets', { path, query }, { signal: gone.signal });
        running.current = null;
        setLoaded({ targets: [...before.targets, ...page.targets], next: page.next });
      } catch (failure) {
        if (gone.signal.aborted) return;
        running.current = null;
        const error = failure instanceof Error ? failure : new Error(String(failure));
        setLoaded({ ...before, next: before.next ?? null, error });
      }
    },
    [project, id, state, reason, text],
  );

  // A turn loads all anew. What there was stays in sight until then, and does not grow.
  useEffect(() => {
    setLoaded(({ targets }) => ({ targets, next: undefined }));
    const timer = setTimeout(() => void load(NOTHING), text ? PAUSE_MS : 0);
    return () => {
      clearTimeout(timer);
      running.current?.abort();
      running.current = null;
    };
  }, [load, turn]);

  return {
    ...loaded,
    more: () => {
      if (loaded.next) void load(loaded);
    },
    reload: () => setTurn((before) => before + 1),
  };
}
