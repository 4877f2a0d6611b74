import { signal } from '@preact/signals';
import { sentenceOf } from './Failure.tsx';
import { Notice } from './Notice.tsx';

interface Toast {
  id: number;
  text: string;
  isBad: boolean;
}

const SHOWN_MS = 7_000;
const toasts = signal<readonly Toast[]>([]);
let last = 0;

/** Says in a corner what was done. */
export function say(text: string, isBad = false): void {
  last += 1;
  const id = last;
  toasts.value = [...toasts.value, { id, text, isBad }];
  setTimeout(() => {
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  }, SHOWN_MS);
}

/** For what is done at once: a button that cannot show what went wrong. */
export async function sayIfItFails(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    say(error instanceof Error ? sentenceOf(error) : String(error), true);
  }
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, isBad }) => (
        <Notice key={id} tone={isBad ? 'bad' : 'calm'}>
          <p class="pre">{text}</p>
        </Notice>
      ))}
    </div>
  );
}
