import type { ComponentChildren } from 'preact';
import { Scrolled } from './Scrolled.tsx';

/** Of a hidden one the name is only read aloud. */
type Column = string | { name: string; class?: string; isHidden?: true };

interface Props {
  label: string;
  columns: readonly Column[];
  /** Of the place that it scrolls in. */
  class?: string;
  tableClass?: string;
  /** Rows with the head, when not all are in the page; -1: nobody knows. */
  rowCount?: number;
  onScroll?: (topPx: number) => void;
  /** Its rows. */
  children: ComponentChildren;
}

/** Rows below the names of their columns, in a place that scrolls. */
export function Table({
  label,
  columns,
  class: place = 'scroll',
  tableClass,
  rowCount,
  onScroll,
  children,
}: Props) {
  return (
    <Scrolled class={place} label={label} {...(onScroll && { onScroll })}>
      <table class={tableClass} aria-rowcount={rowCount}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={nameOf(column)} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Scrolled>
  );
}

function nameOf(column: Column): string {
  return typeof column === 'string' ? column : column.name;
}

function Head({ column }: { column: Column }) {
  const { class: look, isHidden } = typeof column === 'string' ? { class: undefined } : column;
  const name = nameOf(column);
  return (
    <th scope="col" class={look}>
      {isHidden ? <span class="hidden-text">{name}</span> : name}
    </th>
  );
}
