import type { ComponentChildren } from 'preact';

interface Props {
  label: string;
  class: string;
  onScroll?: (topPx: number) => void;
  children: ComponentChildren;
}

/** What may be longer than its place. */
export function Scrolled({ label, class: className, onScroll, children }: Props) {
  return (
    <section
      class={className}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard
      tabIndex={0}
      onScroll={({ currentTarget }) => onScroll?.(currentTarget.scrollTop)}
    >
      {children}
    </section>
  );
}
