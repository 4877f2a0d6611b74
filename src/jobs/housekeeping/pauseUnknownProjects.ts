import type { ProjectDirectory } from '../../adapters/projectDirectory.ts';
import { AwayError } from '../../errors.ts';
import type { Chore } from './housekeeping.ts';

/**
 * Somebody deletes a project in the middle of its scan: what is not sent yet rests, until the project is known again or
 * an admin stops it. A store that is away says nothing about any project, so nothing changes then.
 */
export const pauseUnknownProjects: Chore = {
  name: 'pause_unknown_projects',
  description: "Every 30 s projects that the users' store no longer knows are paused.",
  everyMs: 30_000,
  atStart: false,
  async run({ projects, submissions, directory, log }) {
    const open = new Set(directory ? Object.values(await submissions.open()) : []);
    const paused = await projects.unknown();
    const known = await knownOf([...new Set([...open, ...paused])], directory);
    if (known === undefined) return;
    for (const project of open) {
      if (known.has(project) || paused.has(project)) continue;
      await projects.becameUnknown(project);
      log.warn(
        { project },
        "paused: the users' store does not know the project; an admin may stop what is left of it",
      );
    }
    for (const project of paused) {
      if (open.has(project) && !known.has(project)) continue;
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
    if (error instanceof AwayError) return undefined;
    throw error;
  }
}
