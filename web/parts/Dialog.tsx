import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Failure } from './Failure.tsx';

interface Props {
  title: string;
  /** The word on the button that does it. */
  action: string;
  danger?: boolean;
  isReady?: boolean;
  onDo: () => Promise<unknown>;
  onClose: () => void;
  children?: ComponentChildren;
}

/** Asks before something is done, does it, and stays with the reason when that fails. */
export function Dialog({ title, action, danger = false, isReady = true, onDo, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const label = useId();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();

  useEffect(() => dialog.current?.showModal(), []);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await onDo();
      onClose();
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
      setBusy(false);
    }
  };

  return (
    <dialog ref={dialog} aria-labelledby={label} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <h2 class="dialog-title" id={label}>
          {title}
        </h2>
        {children}
        {error && <Failure of={error} />}
        <div class="row" style={{ justifyContent: 'flex-end' }}>
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
          <button type="submit" class={`button ${danger ? 'danger' : 'main'}`} disabled={isBusy || !isReady}>
            {isBusy ? 'Doing it …' : action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
