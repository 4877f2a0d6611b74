import { useState } from 'preact/hooks';
import { NumberField, SelectField } from './fields.tsx';
import { type Options, portList, portText } from './request.ts';

export interface FormProps {
  options: Options;
  onChange: (options: Options) => void;
}

const MODES = [
  ['insert', 'insert: only what is not known yet'],
  ['append', 'append: adds to what is known'],
  ['update', 'update: changes what is known'],
  ['replace', 'replace: known results go'],
] as const;
const PRIORITIES = ['1', '2', '3', '4', '5'] as const;
const PRIORITY_WORDS = ['1 · first (admins)', '2 · early', '3 · normal', '4 · late', '5 · last'] as const;

/** What most scans are asked with. */
export function OptionsForm({ options, isAdmin, onChange }: FormProps & { isAdmin: boolean }) {
  const { open_ports_opts: ports, include_services, mode, timeout, priority = 3 } = options;
  const setPorts = (change: Partial<Options['open_ports_opts']>) =>
    onChange({ ...options, open_ports_opts: { ...ports, ...change } });
  return (
    <div class="option-grid">
      <PortsField ports={ports} onChange={setPorts} />
      <SelectField
        label="Protocol"
        value={ports.transport_protocol ?? 'tcp'}
        choices={[
          ['tcp', 'TCP'],
          ['udp', 'UDP'],
        ]}
        onChange={(transport_protocol) => setPorts({ transport_protocol })}
      />
      <SelectField
        label="Services"
        value={include_services ? 'yes' : 'no'}
        choices={[
          ['yes', 'detect them on open ports'],
          ['no', 'only find open ports'],
        ]}
        onChange={(chosen) => onChange({ ...options, include_services: chosen === 'yes' })}
      />
      <SelectField
        label="Results"
        value={mode}
        choices={MODES}
        onChange={(chosen) => onChange({ ...options, mode: chosen })}
      />
      <SelectField
        label="Priority"
        value={PRIORITIES[priority - 1] ?? '3'}
        choices={PRIORITIES.slice(isAdmin ? 0 : 1).map((one) => [
          one,
          PRIORITY_WORDS[Number(one) - 1] ?? one,
        ])}
        onChange={(chosen) => onChange({ ...options, priority: Number(chosen) })}
      />
      <NumberField
        label="Time-out of a phase, seconds"
        value={timeout}
        onChange={(next) => onChange({ ...options, timeout: next ?? 3_600 })}
      />
    </div>
  );
}

interface PortsProps {
  ports: Options['open_ports_opts'];
  onChange: (change: Partial<Options['open_ports_opts']>) => void;
}

/** Either a list, or how many of the most common ones. */
function PortsField({ ports, onChange }: PortsProps) {
  const [text, setText] = useState(() => portText(ports));
  const { top_ports } = ports;
  const kind = typeof top_ports === 'number' ? 'top' : 'list';
  const { top_ports: _, ...listed } = ports;
  return (
    <div class="wide option-grid">
      <SelectField
        label="Ports"
        value={kind}
        choices={[
          ['top', 'the most common'],
          ['list', 'these'],
        ]}
        onChange={(chosen) =>
          onChange(
            chosen === 'top'
              ? { top_ports: 1_000, ports: [] }
              : { ...listed, ports: portList(text), ...({ top_ports: null } as const) },
          )
        }
      />
      {kind === 'top' ? (
        <NumberField
          label="How many"
          value={top_ports ?? undefined}
          onChange={(next) => onChange({ top_ports: next ?? 1_000 })}
        />
      ) : (
        <label class="field">
          <span class="label">Port list</span>
          <input
            class="mono"
            placeholder="22, 80, 8000-8100"
            value={text}
            onInput={({ currentTarget }) => {
              setText(currentTarget.value);
              onChange({ ports: portList(currentTarget.value) });
            }}
          />
        </label>
      )}
    </div>
  );
}
