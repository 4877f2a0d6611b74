import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Answer, Asked, Operation } from '../../src/client/client.ts';
import { call } from './calls.ts';
import { keepFresh, type Topic } from './live.ts';

export interface Loaded<T> {
  data: T | undefined;
  /** Why the last try failed. `data` may be there all the same, from an earlier one. */
  error: Error | undefined;
  reload: () => void;
}

interface Fresh {
  topics?: readonly Topic[];
  /** Which events make it load again; that of the first time the question is asked counts. */
  isMeant?: (data: unknown) => boolean;
}

/** What an operation answers, kept fresh. `undefined` in the place of the question asks nothing. */
export function useAnswer<Name extends Operation>(
  name: Name,
  asked: Asked<Name> | undefined,
  { topics, isMeant }: Fresh = {},
): Loaded<Answer<Name>> {
  const key = JSON.stringify([name, asked]);
  const [kept, setKept] = useState<{ key: string; data?: Answer<Name>; error?: Error }>({ key });
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((before) => before + 1), []);

  // The key says all of what is asked; a turn asks again.
  useEffect(() => {
    if (asked === undefined) return;
    const gone = new AbortController();
    const load = async () => {
      try {
        const data = await call(name, asked, { signal: gone.signal });
        setKept({ key, data });
      } catch (failure) {
        if (gone.signal.aborted) return;
        const error = failure instanceof Error ? failure : new Error(String(failure));
        setKept((before) => (before.key === key ? { ...before, error } : { key, error }));
      }
    };
    void load();
    const stop = topics ? keepFresh(() => void load(), topics, isMeant) : () => {};
    return () => {
      gone.abort();
      stop();
    };
  }, [key, turn]);

  return kept.key === key
    ? { data: kept.data, error: kept.error, reload }
    : { data: undefined, error: undefined, reload };
}
