import { signal } from '@preact/signals';

/** Epoch milliseconds, once a second: for "12 s ago". */
export const now = signal(Date.now());

setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now();
}, 1_000);
