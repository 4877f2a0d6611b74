import type { Schema } from '../../../src/client/client.ts';
import { counted } from '../../format/numbers.ts';
import { duration } from '../../format/time.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Scrolled } from '../../parts/Scrolled.tsx';

/** What was asked for. */
export function Options({ scan }: { scan: Schema<'SubmissionDetails'> }) {
  const { options, plan } = scan;
  const { ports = [], top_ports, transport_protocol = 'tcp' } = options.open_ports_opts;
  return (
    <section class="panel stack" aria-labelledby="options">
      <h2 id="options">Options</h2>
      <Facts
        of={[
          [
            `ports (${transport_protocol})`,
            <span key="ports" class="mono">
              {ports.length > 0 ? portText(ports) : `top ${top_ports}`}
            </span>,
          ],
          ['services', options.include_services ? 'detected' : 'not looked at'],
          ['mode', options.mode],
          ['time-out of a phase', duration(options.timeout * 1_000)],
          options.exclude.length > 0 && ['excludes', counted(options.exclude.length, 'entry', 'entries')],
        ]}
      />
      {plan && (
        <p class="small muted">
          Run of the plan <code>{plan}</code>
        </p>
      )}
      <details>
        <summary>All options as JSON</summary>
        <Scrolled class="json" label="Options as JSON">
          {JSON.stringify(options, null, 2)}
        </Scrolled>
      </details>
    </section>
  );
}

const PORTS_SHOWN = 8;

function portText(ports: readonly string[]): string {
  const more = ports.length - PORTS_SHOWN;
  return more > 0 ? `${ports.slice(0, PORTS_SHOWN).join(', ')} and ${more} more` : ports.join(', ');
}
