import type { ComponentChildren } from 'preact';

/** What each is called, and what it is. What is not there is left out. */
export type FactList = readonly (readonly [name: string, value: ComponentChildren] | false)[];

interface Props {
  of: FactList;
  /** How they look, beside the usual. */
  class?: string;
}

/** Some numbers or words, each below its name. */
export function Facts({ of, class: more = '' }: Props) {
  return (
    <dl class={`facts ${more}`.trim()}>
      {of.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
