/** What a request is made of: profiles, flags, words, files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { profileOf } from '../../../src/cli/request/profile.ts';
import { readRequest, type ScanFlags } from '../../../src/cli/request/scanRequest.ts';
import { profiles } from '../../support/falcliProfiles.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-request-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const bodyOf = async (words: string[], flags: ScanFlags = {}) => (await readRequest(words, flags)).body;

describe('a profile', () => {
  it.each(profiles)('of falcli is taken as it is: $name', async ({ name, body }) => {
    expect(await bodyOf([], { profile: file(`${name}.yaml`, stringify(body)) })).toEqual(body);
    expect(await bodyOf([], { profile: file(`${name}.json`, JSON.stringify(body)) })).toEqual(body);
  });

  it('without hosts gets them from the command line, which wins over those that it has', async () => {
    const [{ body } = { body: undefined }] = profiles;
    const { hosts: _, ...options } = body ?? { hosts: [] };
    const bare = file('bare.yaml', stringify(options));
    expect(await bodyOf(['1.1.1.1'], { profile: bare })).toEqual({ ...options, hosts: ['1.1.1.1'] });
    expect(await bodyOf(['1.1.1.1'], { profile: file('full.yaml', stringify(body)) })).toMatchObject({
      hosts: ['1.1.1.1'],
    });
    await expect(bodyOf([], { profile: bare })).rejects.toThrow('nothing to scan');
  });

  it('writes ports as people do, and knows the line of each of its values', () => {
    const { fields, lineOf } = profileOf(
      'web.yaml',
      '# web\ntimeout: 600\nopen_ports_opts:\n  ports:\n    - 80\n    - 8000-8100\n  min_rate: 10\n',
    );
    expect(fields.open_ports_opts).toEqual({ ports: ['80', '8000-8100'], min_rate: 10 });
    expect(lineOf(['timeout'])).toBe(2);
    expect(lineOf(['open_ports_opts', 'ports', 1])).toBe(6);
    expect(lineOf(['open_ports_opts', 'max_rate'])).toBe(4);
    expect(lineOf(['mode'])).toBeUndefined();
  });

  it('that is no object in YAML is refused with its line', () => {
    expect(() => profileOf('a.yaml', 'mode: insert\nmode: update\n')).toThrow(/^a\.yaml:2: /);
    expect(() => profileOf('a.yaml', 'a: [1\n')).toThrow(/^a\.yaml:\d: /);
    expect(() => profileOf('a.yaml', '- 8.8.8.8\n')).toThrow(/^a\.yaml is no profile/);
    expect(() => profileOf('a.yaml', '')).toThrow(/^a\.yaml is no profile/);
  });
});

describe('flags', () => {
  it('say nothing that they were not given, and the rest is as nmap does it', async () => {
    expect(await bodyOf(['8.8.8.8'])).toEqual({
      hosts: ['8.8.8.8'],
      open_ports_opts: { top_ports: 1_000 },
      service_opts: {},
      timeout: 3_600,
      include_services: true,
      mode: 'insert',
    });
  });

  it('win over the profile; a choice of ports leaves its other options as they are', async () => {
    const profile = file('flags.yaml', 'mode: update\nopen_ports_opts: {top_ports: 100, min_rate: 5}\n');
    const body = await bodyOf(['8.8.8.8'], { profile, ports: '22, 80-90', mode: 'append', services: false });
    expect(body).toMatchObject({ mode: 'append', include_services: false });
    expect(body.open_ports_opts).toEqual({ ports: ['22', '80-90'], min_rate: 5 });
    const udp = await bodyOf(['8.8.8.8'], { profile, udp: true });
    expect(udp.open_ports_opts).toEqual({ top_ports: 100, min_rate: 5, transport_protocol: 'udp' });
    expect((await bodyOf(['8.8.8.8'], { profile, topPorts: 7 })).open_ports_opts).toEqual({
      top_ports: 7,
      min_rate: 5,
    });
  });

  it('add to what a profile excludes, and take nothing out of it', async () => {
    const profile = file('exclude.yaml', 'exclude: [9.9.9.9]\n');
    const list = file('exclude.txt', '1.1.1.1\n*.example.com\n');
    expect((await bodyOf(['8.8.8.8'], { profile, exclude: ['8.8.4.4'], excludeFile: list })).exclude).toEqual(
      ['9.9.9.9', '8.8.4.4', '1.1.1.1\n*.example.com\n'],
    );
    expect((await bodyOf(['8.8.8.8'], { profile })).exclude).toEqual(['9.9.9.9']);
  });
});

describe('words', () => {
  it('are targets, or files, each of which is one item', async () => {
    const list = file('list.txt', '\ufeff8.8.8.8\n1.1.1.1 # here\n');
    const windows = file('windows.txt', Buffer.from('\ufeff9.9.9.9\r\n', 'utf16le'));
    const { body, hosts } = await readRequest(['8.8.0.0/16', list, windows, 'https://example.com/x'], {
      target: ['list.txt'],
    });
    expect(body.hosts).toEqual([
      '8.8.0.0/16',
      '8.8.8.8\n1.1.1.1 # here\n',
      '9.9.9.9\r\n',
      'https://example.com/x',
      'list.txt',
    ]);
    expect(hosts.map(({ isFile }) => isFile)).toEqual([false, true, true, false, false]);
  });

  it('that could be a file as well as a target are neither', async () => {
    const named = file('example.com', '8.8.8.8\n');
    expect((await bodyOf([named])).hosts).toEqual(['8.8.8.8\n']);
    await expect(bodyOf(['missing.txt'])).rejects.toThrow('cannot read the list missing.txt');
    await expect(bodyOf(['./missing'])).rejects.toThrow('cannot read the list ./missing');
    await expect(bodyOf(['package.json'])).rejects.toThrow('write ./package.json for the file');
    // Without a dot it is the name of no host.
    expect((await bodyOf(['LICENSE'])).hosts[0]).toContain('MIT');
  });
});
