import type { ProjectDirectory } from '../../adapters/projects/directory.ts';
import { ServiceUnavailableError } from '../../runtime/errors.ts';
import type { Chore } from './chores.ts';

/** Where nobody stops what is left of a deleted project, it ends by itself. */
const REST_MS = 14 * 24 * 3_600_000;

/**
 * Somebody deletes a project in the middle of its scan: what is not sent yet rests, until the project is known again or
 * an admin stops it, or for two weeks. A store that is away says nothing about any project, so nothing changes then.
 */
export const pauseUnknownProjects: Chore = {
  name: 'pause_unknown_projects',
  description: "Every 30 s projects that the users' store no longer knows are paused.",
  everyMs: 30_000,
  async run({ projects, submissions, directory, stopProject, log }) {
    const open = new Set(directory ? Object.values(await submissions.open()) : []);
    const paused = await projects.unknown();
    const known = await knownOf([...new Set([...open, ...paused.keys()])], directory);
    if (known === undefined) return;
    for (const project of open) {
      if (known.has(project) || paused.has(project)) continue;
      await projects.becameUnknown(project);
      log.warn(
        { project },
        "paused: the users' store does not know the project; an admin may stop what is left of it",
      );
    }
    for (const [project, since] of paused) {
      if (open.has(project) && !known.has(project)) {
        if (Date.now() - Date.parse(since) < REST_MS) continue;
        log.warn({ project, since }, "stopped: the users' store has not known the project for two weeks");
        await stopProject(project);
        continue;
      }
      await projects.becameKnown(project);
      if (known.has(project)) log.info({ project }, "the users' store knows the project again: it goes on");
    }
  },
};

/** undefined: the store does not answer. */
async function knownOf(
  projects: readonly string[],
  directory: ProjectDirectory | undefined,
): Promise<Set<string> | undefined> {
  if (directory === undefined || projects.length === 0) return new Set(projects);
  try {
    return await directory.known(projects);
  } catch (error) {
    if (error instanceof ServiceUnavailableError) return undefined;
    throw error;
  }
}
