/**
 * Gives what `promise` gives, or rejects with the signal's reason as soon as it is aborted. What was under way goes on
 * then, and its outcome is dropped.
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    // Taken away again: a signal may live for months.
    else signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
