import { newReceipt } from '../../adapters/scopeRules/receiptStore.ts';
import { rulesOfInstallation, type ScopeServices } from './coverage.ts';

/** A project has one: it is about the installation's list as it is now, all of it. */
export const installationReceipt = (project: string) => `installation-${project}`;

/** Every project that may have something out gets a receipt of the list that has changed. Safe to run again. */
export async function openInstallationReceipts(version: string, services: ScopeServices): Promise<void> {
  const { receipts, submissions, following, recalls } = services;
  const scans = { ...(await submissions.open()), ...(await following.unfinished()) };
  const at = new Date(await recalls.now()).toISOString();
  for (const project of new Set(Object.values(scans))) {
    const id = installationReceipt(project);
    if ((await receipts.find(project, id))?.version === version) continue;
    const entries = (await rulesOfInstallation(project, services)).map(({ entry }) => entry);
    const known = {
      id,
      project,
      of: 'installation',
      version,
      by: 'installation',
      at,
      running: 'kill',
    } as const;
    await receipts.open(newReceipt(known, entries));
  }
}
