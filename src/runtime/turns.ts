/** How long one turn may take before everybody else gets theirs. */
const TURN_MS = 5;

const inLine: (() => void)[] = [];

/**
 * Resolves when everybody else of the process has had a turn. Those that wait go on one at a time: however many long
 * things are done at once, nobody else has to wait for more than one of them.
 */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    inLine.push(resolve);
    if (inLine.length === 1) setImmediate(nextInLine);
  });
}

function nextInLine(): void {
  inLine.shift()?.();
  // It runs behind whatever has arrived meanwhile.
  if (inLine.length > 0) setImmediate(nextInLine);
}

/**
 * Runs work that yields every few milliseconds at most, in turns with everybody else of the process.
 *
 * @throws the signal's reason, as soon as a turn ends after it was aborted
 */
export async function inTurns<T>(steps: Generator<undefined, T>, signal?: AbortSignal): Promise<T> {
  for (let turnEnd = performance.now() + TURN_MS; ; ) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() < turnEnd) continue;
    await othersTurn();
    signal?.throwIfAborted();
    turnEnd = performance.now() + TURN_MS;
  }
}
