/** What the Docker files give away. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { at } from '../client.ts';
import { claim, outcomeOf, type Row } from '../row.ts';

export const composeFile: Row = {
  number: 16,
  tried: 'docker-compose.yml and the secrets that its script makes',
  async attack({ directory }) {
    const text = readFileSync('docker-compose.yml', 'utf8');
    const services = Object.entries(at(parse(text, { merge: true }), 'services') ?? {});
    const names = (holds: (service: unknown) => boolean) =>
      services.filter(([, service]) => !holds(service)).map(([name]) => name);
    const confined = names(
      (service) =>
        at(service, 'cap_drop', 0) === 'ALL' &&
        at(service, 'security_opt', 0) === 'no-new-privileges:true' &&
        at(service, 'mem_limit') !== undefined,
    );
    const writable = names((service) => at(service, 'read_only') === true);
    const open = services
      .flatMap(([, service]) => at(service, 'ports') ?? [])
      .filter((port) => !/^(127\.0\.0\.1|\$\{BIND_ADDRESS:-127\.0\.0\.1\}):/.test(String(port)));
    const defaults = [...text.matchAll(/(?:PASS\w*|TOKEN)\}?: \$\{\w+:-[^}]+\}/gi)];
    const file = join(directory, 'made.env');
    execFileSync('sh', ['docker/secrets.sh', file]);
    const made = readFileSync(file, 'utf8').trim().split('\n');
    return outcomeOf(
      claim(
        `${confined.length} of ${services.length} containers have rights or no limit`,
        confined.length === 0,
      ),
      claim(`writable: ${writable.join(', ')}`, writable.join() === 'scanledger,worker'),
      claim(
        `open to others: ${open.map(String).join(', ')}`,
        open.length === 1 && String(open[0]).endsWith(':443'),
      ),
      claim(`${defaults.length} secrets have a default`, defaults.length === 0),
      claim('no image is `latest`', !/:latest\b/.test(text)),
      claim(
        `the script makes ${made.length} secrets for its owner alone`,
        made.length === 5 &&
          made.every((line) => /=[0-9a-f]{48}$/.test(line)) &&
          (statSync(file).mode & 0o77) === 0,
      ),
    );
  },
};
