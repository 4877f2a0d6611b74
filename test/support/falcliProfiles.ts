import { readFileSync } from 'node:fs';

interface FalcliProfile {
  name: string;
  /** As falcli sends it. */
  body: { hosts: string[]; mode: string; timeout: number; include_services: boolean };
  expect: {
    /** nmap's arguments in each task, of both phases. */
    open_ports_opts: string;
    service_opts: string;
    open_ports_str: string;
    /** Addresses; the others are private. */
    scanned: string[];
    /** Their codes. */
    warnings: string[];
  };
}

/** What falcli's users begin with; `zone` is for their host names. */
export const { profiles, zone }: { profiles: FalcliProfile[]; zone: string[] } = JSON.parse(
  readFileSync(new URL('../fixtures/falcliProfiles.json', import.meta.url), 'utf8'),
);
