import { useState } from 'preact/hooks';
import { Receipt } from '../../parts/Receipt.tsx';

interface Props {
  id: string;
  entries: readonly string[];
  isHidden: boolean;
}

/** What the settings of the installation exclude, for every project. */
export function InstallationList({ id, entries, isHidden }: Props) {
  const [isShown, setShown] = useState(false);
  return (
    <section class="panel stack" aria-labelledby="installation-exclusions">
      <div class="row apart">
        <h2 id="installation-exclusions">Of the installation</h2>
        <button type="button" class="button" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
          Receipt
        </button>
      </div>
      {isHidden && <p class="muted">There may be more: the list is shown to admins only.</p>}
      {!isHidden && entries.length === 0 && <p class="muted">Nothing is excluded for everybody.</p>}
      {entries.length > 0 && (
        <ul class="row mono small">
          {entries.map((entry) => (
            <li key={entry} class="chip">
              {entry}
            </li>
          ))}
        </ul>
      )}
      <p class="muted small">It stands in the settings, and ends when it is taken out there.</p>
      {isShown && <Receipt project={id} id="installation" />}
    </section>
  );
}
