// Whether the server of this container answers; run through the entrypoint, which decides about port and TLS.
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';

const { env } = process;
const role = (env.ROLE || env.role || 'all').toLowerCase();
// A process that only runs jobs has no server; that it runs is all there is to know.
if (role === 'jobs') process.exit(0);

const tls = env.TLS_BUNDLE || env.tls_bundle || env.TLS_CERT || env.tls_cert;
const bound = env.BIND_ADDRESS || env.bind_address || '*';
const options = {
  host: ['*', '0.0.0.0', '::'].includes(bound) ? '127.0.0.1' : bound,
  port: env.PORT || env.port,
  path: '/health',
  timeout: 4000,
  // The certificate is for the name that others use, and often signed by nobody.
  rejectUnauthorized: false,
};
const request = (tls ? getHttps : getHttp)(options, (response) =>
  process.exit(response.statusCode === 200 ? 0 : 1),
);
request.on('timeout', () => process.exit(1));
request.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
