import { LRUCache } from 'lru-cache';
import type { Auth, Caller, VisibleProjects } from '../../adapters/auth/caller.ts';
import type { Queries } from '../../queries/queries.ts';

/** Callers that are remembered, each for so long: a page of the console asks again and again. */
const REMEMBERED = 2_000;
const COUNTS_MS = 2_000;

interface Asker {
  caller: Caller;
  token: string;
}

/** Which of the projects that have scans here somebody may see, newest scan first. They are ours, so nobody guesses any. */
export class ProjectsOfCallers {
  readonly #known: LRUCache<string, VisibleProjects, Asker>;

  constructor(auth: Auth, overview: Pick<Queries['overview'], 'projectIds'>) {
    this.#known = new LRUCache<string, VisibleProjects, Asker>({
      max: REMEMBERED,
      ttl: COUNTS_MS,
      fetchMethod: async (_key, _stale, { context: { caller, token } }) => {
        const ids = await overview.projectIds();
        const visible = await auth.visible(caller, token, ids);
        return new Map(ids.flatMap((id) => (visible.has(id) ? [[id, visible.get(id) ?? null]] : [])));
      },
      ignoreFetchAbort: true,
    });
  }

  of(caller: Caller, token: string): Promise<VisibleProjects> {
    return this.#known.forceFetch(caller.tokenHash, { context: { caller, token } });
  }
}
