/** Child process of the names benchmark: a DNS server that knows them all. Ends with SIGTERM. */
import { startDnsServer } from '../../../test/support/dnsServer.ts';
import { benchName, NAMES, SETS } from './names.ts';

const zone = Array.from({ length: SETS * NAMES }, (_, at) => {
  const index = at % NAMES;
  return `11.9.${index >> 8}.${index & 255} ${benchName(Math.floor(at / NAMES), index)}`;
});
const server = await startDnsServer({ zone });
process.on('SIGTERM', async () => {
  await server.stop();
  process.exit(0);
});
process.send?.(`${server.address}:${server.port}`);
