import type { Row } from './row.ts';
import { boardAndHeaders, guessedTokens, readyForAll } from './rows/access.ts';
import { bombs, longPorts, stalledReaders } from './rows/bodies.ts';
import { composeFile } from './rows/deployment.ts';
import { foreignIds, rulesOfOthers, trail, weakSecrets } from './rows/isolation.ts';
import { guessableQueries, manyAddresses, manyNames } from './rows/names.ts';
import { failedPlans, silentNames } from './rows/planning.ts';
import { quotas } from './rows/quotas.ts';
import { costlyQuestions, givenPatterns, storedPatterns } from './rows/rules.ts';
import { badTargets } from './rows/webhooks.ts';

/** In the order in which they are tried: what can hurt those that follow comes last. */
export const ROWS: readonly Row[] = [
  composeFile,
  foreignIds,
  rulesOfOthers,
  trail,
  weakSecrets,
  failedPlans,
  longPorts,
  givenPatterns,
  storedPatterns,
  costlyQuestions,
  guessableQueries,
  manyNames,
  manyAddresses,
  silentNames,
  quotas,
  badTargets,
  boardAndHeaders,
  readyForAll,
  bombs,
  stalledReaders,
  guessedTokens,
];
