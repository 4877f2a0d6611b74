/** The request for a scan or a plan, put together from a profile and the command line. */
import type { Schema } from '../../client/client.ts';
import { usage } from '../exitCodes.ts';
import { given } from '../given.ts';
import type { Profile } from './profile.ts';
import { readList, readTargets, type Source, target } from './targets.ts';

type Body = Schema<'ScanRequest'>;

/** Options of `plan` and `run`. What is not given is as the profile says. */
export interface ScanFlags {
  profile?: string;
  target?: string[];
  ports?: string;
  topPorts?: number;
  udp?: true;
  exclude?: string[];
  excludeFile?: string;
  mode?: Body['mode'];
  timeout?: number;
  services?: boolean;
  priority?: number;
  ipVersion?: Body['ip_version'];
  onInvalid?: Body['on_invalid'];
  portShards?: number;
  singleResolve?: true;
}

export interface ScanRequest {
  body: Body;
  profile: Profile | undefined;
  /** What the items of `hosts` and `exclude` came from; empty: the profile. */
  hosts: readonly Source[];
  /** They come after those of the profile. */
  exclude: readonly Source[];
}

/** What a request has without being told, as nmap would do it. */
const DEFAULTS = {
  open_ports_opts: { top_ports: 1_000 },
  service_opts: {},
  timeout: 3_600,
  include_services: true,
  mode: 'insert',
} as const;

/** @throws Exit when there is nothing to scan, or something cannot be read */
export async function readRequest(words: readonly string[], flags: ScanFlags): Promise<ScanRequest> {
  const profile = flags.profile === undefined ? undefined : await profileAt(flags.profile);
  const hosts = [...(await readTargets(words)), ...(flags.target ?? []).map(target)];
  const exclude = [
    ...(flags.exclude ?? []).map(target),
    ...(flags.excludeFile === undefined ? [] : [readList(flags.excludeFile)]),
  ];
  const fields = { ...DEFAULTS, ...profile?.fields };
  if (hosts.length === 0 && !('hosts' in fields))
    throw usage('nothing to scan: name targets, a file with targets, - for stdin, or a --profile with hosts');
  return { body: bodyOf(fields, flags, hosts, exclude), profile, hosts, exclude };
}

/** YAML is not loaded for those who need none. */
async function profileAt(path: string): Promise<Profile> {
  const { readProfile } = await import('./profile.ts');
  return readProfile(path);
}

/** The API looks at what a profile says, so its fields go as they are. */
function bodyOf(
  fields: Readonly<Record<string, unknown>>,
  flags: ScanFlags,
  hosts: readonly Source[],
  exclude: readonly Source[],
): Body {
  const excluded = [...listIn(fields.exclude), ...exclude.map(({ text }) => text)];
  const body = {
    ...fields,
    ...(hosts.length > 0 && { hosts: hosts.map(({ text }) => text) }),
    ...(exclude.length > 0 && { exclude: excluded }),
    open_ports_opts: portOptions(fields.open_ports_opts, flags),
    ...given({
      mode: flags.mode,
      timeout: flags.timeout,
      include_services: flags.services,
      priority: flags.priority,
      ip_version: flags.ipVersion,
      on_invalid: flags.onInvalid,
      port_shards: flags.portShards,
      single_resolve: flags.singleResolve,
    }),
  };
  return body as unknown as Body;
}

/** A choice of ports takes the place of the profile's, not of its other options. */
function portOptions(profile: unknown, { ports, topPorts, udp }: ScanFlags): unknown {
  const { ports: listed, top_ports: top, ...others } = { ...(profile as Partial<Body['open_ports_opts']>) };
  const isChosen = ports !== undefined || topPorts !== undefined;
  const chosen = { ports: ports?.split(',').map((port) => port.trim()), top_ports: topPorts };
  const transport = udp && { transport_protocol: 'udp' };
  return { ...others, ...given(isChosen ? chosen : { ports: listed, top_ports: top }), ...transport };
}

function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
