import type { StageName } from '../../model/submission.ts';

/** How far the look-up of a submission's names is. */
export interface Expansion {
  /** Whether its entries are read. */
  expanded: boolean;
  /** Chunks of names, and how many of them are looked up. */
  chunks: { done: number; total: number };
}

/** The stages that an open submission, given as its facts, still has to go through. */
export function stagesLeft(
  hash: Readonly<Record<string, string>>,
  { expanded, chunks }: Expansion,
): StageName[] {
  if (hash.state === 'dispatching') return hash.kind === 'plan' ? ['submission'] : ['publish', 'submission'];
  const rest: StageName[] =
    hash.kind === 'plan' ? ['split', 'submission'] : ['split', 'publish', 'submission'];
  if (hash.total !== undefined) return rest;
  if (hash.plan !== undefined) return ['dedup', ...rest];
  if (!expanded)
    return ['expand', ...(Number(hash.names) > 0 ? (['resolve'] as const) : []), 'dedup', ...rest];
  return chunks.done < chunks.total ? ['resolve', 'dedup', ...rest] : ['dedup', ...rest];
}
