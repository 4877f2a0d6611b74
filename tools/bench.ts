/** `npm run bench [-- <name> ...]`: each figure beside its yardstick, measured in the same run. */
import { messageOf } from '../src/runtime/errors.ts';
import startServices from '../test/support/globalSetup.ts';
import { acceptance } from './bench/acceptance.ts';
import { consolePages } from './bench/console.ts';
import { dispatch } from './bench/dispatch.ts';
import { events } from './bench/events.ts';
import { exclusions } from './bench/exclusions.ts';
import { type Figure, lineOf } from './bench/figures.ts';
import { latency } from './bench/latency.ts';
import { memory } from './bench/memory.ts';
import { metrics } from './bench/metrics.ts';
import { million } from './bench/million.ts';
import { names } from './bench/names/names.ts';
import { waitingNames } from './bench/names/waitingNames.ts';
import { setDifference } from './bench/setDifference.ts';
import { many } from './bench/simulated/many.ts';
import { steering } from './bench/simulated/steering.ts';
import { stopping } from './bench/stopping.ts';
import { runToEnd } from './runToEnd.ts';
import { installMissing } from './services/install.ts';

const BENCHES: Readonly<Record<string, () => Promise<Figure[]>>> = {
  acceptance,
  dispatch,
  latency,
  events,
  names,
  waitingNames,
  exclusions,
  million,
  memory,
  setDifference,
  metrics,
  steering,
  many,
  stopping,
  console: consolePages,
};

async function main(wanted: readonly string[]): Promise<number> {
  const unknown = wanted.filter((name) => !(name in BENCHES));
  if (unknown.length > 0) {
    console.error(
      `there is no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`,
    );
    return 1;
  }
  await installMissing(['redis', 'rabbitmq', 'postgres', 'chromium']);
  const built = await runToEnd('npm', ['run', '--silent', 'build']);
  if (built !== 0) return built;
  const stopServices = await startServices();
  try {
    for (const [name, bench] of Object.entries(BENCHES)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      for (const figure of await bench()) console.log(lineOf(figure));
    }
  } finally {
    await stopServices();
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  return 1;
});
