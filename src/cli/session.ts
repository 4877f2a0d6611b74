/** What a command works with. */
import { readFileSync } from 'node:fs';
import { type Client, createClient, type Fetch } from '../client/client.ts';
import { type ClientSettings, clientSettings } from '../config/commandLine.ts';
import { messageOf } from '../runtime/errors.ts';
import { usage } from './exitCodes.ts';
import { createOutput, type Output } from './terminal/output.ts';

/** Options that every command has. */
export interface GlobalOptions {
  url?: string;
  project?: string;
  ca?: string;
  json?: boolean;
  color: boolean;
}

export interface Session {
  out: Output;
  settings: ClientSettings;
  client: Client;
  /** For the path of an operation. @throws when none is named */
  project(): { project_id: string };
}

export function openSession(options: GlobalOptions): Promise<Session> {
  return sessionFor(clientSettings(options), options);
}

export async function sessionFor(
  settings: ClientSettings,
  { json = false, color }: GlobalOptions,
): Promise<Session> {
  const { url, token, project } = settings;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    out: createOutput({ json, color }),
    settings,
    client: createClient(url, () => headers, await sender(settings)),
    project() {
      if (project === undefined) throw usage('which project? Say --project ID, or set TASKER_PROJECT');
      return { project_id: project };
    },
  };
}

/** Follows no redirect: a token is for the server that was named. */
async function sender({ ca }: ClientSettings): Promise<Fetch> {
  if (ca === undefined) return (url, init) => fetch(url, { ...init, redirect: 'manual' });
  const { trustingFetch } = await import('./trustingFetch.ts');
  return trustingFetch(pemIn(ca));
}

function pemIn(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw usage(`cannot read the certificate ${path}: ${messageOf(error)}`);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw usage(`${path} is no certificate in PEM`);
  return text;
}
