import type { ComponentChildren } from 'preact';
import { Icon } from './Icon.tsx';

interface Props {
  tone?: 'bad' | 'warn' | 'calm';
  title?: string;
  children?: ComponentChildren;
}

export function Notice({ tone = 'calm', title, children }: Props) {
  return (
    <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Icon name={tone === 'calm' ? 'info' : 'warning'} />
      <div class="stack tight">
        {title && <strong>{title}</strong>}
        {children}
      </div>
    </div>
  );
}

/** What is shown where there is nothing, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** In the place of what is on its way. */
export function Loading({ what, lines = 4 }: { what: string; lines?: number }) {
  return (
    <div class="panel stack" role="status">
      <span class="hidden-text">{what} is loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} class="skeleton" style={{ width: `${92 - ((line * 23) % 50)}%` }} />
      ))}
    </div>
  );
}
