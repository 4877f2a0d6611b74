import type { Schema } from '../../../src/client/client.ts';
import { CheckField, NumberField, SelectField } from './fields.tsx';
import type { FormProps } from './OptionsForm.tsx';

type PerNetwork = NonNullable<Schema<'PerNetwork'>>;

/** What few scans need; closed until somebody opens it. */
export function MoreOptions({ options, onChange }: FormProps) {
  const { open_ports_opts: ports, ip_version = '4', on_invalid = 'refuse', exclude = [] } = options;
  const setPorts = (change: Partial<typeof ports>) =>
    onChange({ ...options, open_ports_opts: { ...ports, ...change } });
  return (
    <details>
      <summary>More options</summary>
      <div class="stack" style={{ marginTop: '14px' }}>
        <label class="field">
          <span class="label">Leave out (this scan only)</span>
          <textarea
            rows={2}
            value={exclude.join('\n')}
            onInput={({ currentTarget }) => {
              const lines = currentTarget.value.split('\n');
              onChange({ ...options, exclude: currentTarget.value === '' ? [] : lines });
            }}
          />
        </label>
        <div class="option-grid">
          <SelectField
            label="Addresses of names"
            value={ip_version}
            choices={[
              ['4', 'IPv4'],
              ['6', 'IPv6'],
              ['any', 'both'],
            ]}
            onChange={(chosen) => onChange({ ...options, ip_version: chosen })}
          />
          <SelectField
            label="Entries that cannot be read"
            value={on_invalid}
            choices={[
              ['refuse', 'refuse all'],
              ['skip', 'are skipped'],
            ]}
            onChange={(chosen) => onChange({ ...options, on_invalid: chosen })}
          />
          <NumberField
            label="Port parts (a task each)"
            value={options.port_shards}
            placeholder="one"
            onChange={(next) => onChange({ ...options, port_shards: next ?? null })}
          />
          <NumberField
            label="Packets a second, at most"
            value={ports.max_rate}
            placeholder="nmap decides"
            onChange={(next) => setPorts({ max_rate: next ?? null })}
          />
          <NumberField
            label="Tries of a port"
            value={ports.max_retries}
            placeholder="nmap decides"
            onChange={(next) => setPorts({ max_retries: next ?? null })}
          />
        </div>
        <Limits options={options} onChange={onChange} />
        <Switches options={options} onChange={onChange} />
      </div>
    </details>
  );
}

/** How much a network gets. */
function Limits({ options, onChange }: FormProps) {
  const limits = options.per_network ?? {};
  const set = (change: { [Name in keyof PerNetwork]: PerNetwork[Name] | undefined }) => {
    const next = Object.fromEntries(
      Object.entries({ ...limits, ...change }).filter(([, value]) => value !== undefined),
    ) as PerNetwork;
    onChange({ ...options, per_network: Object.keys(next).length === 0 ? null : next });
  };
  return (
    <div class="option-grid">
      <NumberField
        label="Tasks of a network at once"
        value={limits.tasks}
        placeholder="no limit"
        onChange={(tasks) => set({ tasks })}
      />
      <NumberField
        label="Tasks of a network a minute"
        value={limits.per_minute}
        placeholder="no limit"
        onChange={(per_minute) => set({ per_minute })}
      />
    </div>
  );
}

function Switches({ options, onChange }: FormProps) {
  const { open_ports_opts: ports, service_opts: services } = options;
  const setServices = (change: Partial<typeof services>) =>
    onChange({ ...options, service_opts: { ...services, ...change } });
  return (
    <div class="stack tight">
      <CheckField
        label="Scan also hosts that do not answer a ping (-Pn)"
        isChecked={ports.skip_host_discovery ?? true}
        onChange={(skip_host_discovery) =>
          onChange({ ...options, open_ports_opts: { ...ports, skip_host_discovery } })
        }
      />
      <CheckField
        label="Network and broadcast addresses too"
        isChecked={options.include_network_and_broadcast ?? false}
        onChange={(include_network_and_broadcast) => onChange({ ...options, include_network_and_broadcast })}
      />
      <CheckField
        label="One address of each name"
        isChecked={options.single_resolve ?? false}
        onChange={(single_resolve) => onChange({ ...options, single_resolve })}
      />
      <CheckField
        label="Default scripts (-sC)"
        isChecked={services.default_scripts ?? false}
        onChange={(default_scripts) => setServices({ default_scripts })}
      />
      <CheckField
        label="Operating system (-O)"
        isChecked={services.os_detection ?? false}
        onChange={(os_detection) => setServices({ os_detection })}
      />
      <CheckField
        label="Traceroute"
        isChecked={services.traceroute ?? false}
        onChange={(traceroute) => setServices({ traceroute })}
      />
      <CheckField
        label="Aggressive (-A)"
        isChecked={services.aggressive_scan ?? false}
        onChange={(aggressive_scan) => setServices({ aggressive_scan })}
      />
    </div>
  );
}
