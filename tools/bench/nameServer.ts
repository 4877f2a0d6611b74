/** Child process of the names benchmark: a DNS server that knows them all. Ends with SIGTERM. */
import { startDnsServer } from '../../test/support/dnsServer.ts';
import { benchName, NAMES } from './names.ts';

const zone = Array.from(
  { length: NAMES },
  (_, index) => `11.9.${index >> 8}.${index & 255} ${benchName(index)}`,
);
const server = await startDnsServer({ zone });
process.on('SIGTERM', async () => {
  await server.stop();
  process.exit(0);
});
process.send?.(`${server.address}:${server.port}`);
