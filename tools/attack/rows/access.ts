/** Wrong tokens, the open routes, the board. */
import { connect } from 'node:net';
import { claim, outcomeOf, pause, type Row, statuses } from '../row.ts';
import type { Scene } from '../scene.ts';

const GUESSES = 1_000;
/** The limit of a minute, and those that were on their way when it was reached. */
const MOST_GUESSES = 100;

export const guessedTokens: Row = {
  number: 10,
  tried: `${GUESSES} wrong tokens at once, at /BOARD too, under false addresses; then a valid one`,
  async attack({ stranger, attacker }) {
    const guess = (path: string, nth: number, headers = {}) =>
      stranger.ask(path, { headers: { authorization: `Bearer guess-${nth}-${'x'.repeat(20)}`, ...headers } });
    const otherCase = await Promise.all(Array.from({ length: 5 }, (_, nth) => guess('/BOARD', nth)));
    const guesses = await Promise.all(
      Array.from({ length: GUESSES }, (_, nth) => guess('/workers/ips', nth)),
    );
    const forwarded = await Promise.all(
      Array.from({ length: 20 }, (_, nth) =>
        guess('/workers/ips', nth, { 'x-forwarded-for': `198.51.100.${nth}` }),
      ),
    );
    const valid = await attacker.inProject('stop-nmap');
    const checked = guesses.filter(({ status }) => status === 401).length;
    return outcomeOf(
      claim(
        `/BOARD is no other board (${statuses(otherCase)})`,
        otherCase.every(({ status }) => status === 404),
      ),
      claim(`${checked} of ${GUESSES} are checked (${statuses(guesses)})`, checked <= MOST_GUESSES),
      claim(
        `another X-Forwarded-For is no other caller (${statuses(forwarded)})`,
        forwarded.every(({ status }) => status === 429),
      ),
      claim(`a valid token passes (${valid.status})`, valid.status === 200),
    );
  },
};

const ASKED_AT_ONCE = 1_000;
/** A second or two of one check each. */
const MOST_CHECKS = 10;

export const readyForAll: Row = {
  number: 15,
  tried: `${ASKED_AT_ONCE} times /ready at once, and what it tells strangers`,
  async attack({ stranger, attacker, admin, ledger, names }) {
    const before = ledger.requests.length;
    const replies = await Promise.all(Array.from({ length: ASKED_AT_ONCE }, () => stranger.ask('/ready')));
    const checks = ledger.requests.slice(before).filter(({ url }) => url === '/projects').length;
    ledger.fault = 500;
    await pause(1_500);
    const broken = [await stranger.ask('/ready'), await attacker.ask('/ready')];
    const forAdmin = await admin.ask('/ready');
    delete ledger.fault;
    const tells = /127\.0\.0\.|localhost|:\d{4,5}|test_\d+|"detail":"[^"]{25,}"/;
    return outcomeOf(
      claim(
        `all are answered (${statuses(replies)})`,
        replies.every(({ status }) => [200, 429, 503].includes(status)),
      ),
      claim(`ScanLedger is asked ${checks} times`, checks <= MOST_CHECKS),
      claim(
        'strangers and members hear no address, no database, no reason',
        [...broken, replies[0]].every((reply) => !tells.test(reply?.text ?? '')),
      ),
      claim('an admin hears the reason', forAdmin.text.includes('500') || tells.test(forAdmin.text)),
      claim('and nobody the name servers', !forAdmin.text.includes(names.address)),
    );
  },
};

export const boardAndHeaders: Row = {
  number: 20,
  tried: 'calls of the board that would break flows, its headers, requests in two readings',
  async attack(scene) {
    const { admin, attacker, stranger } = scene;
    const put = (path: string) => admin.ask(`/board/api/queues/${path}`, { method: 'PUT' });
    const harmful = await Promise.all(
      [
        'expand/clean/retry',
        'expand/empty/retry',
        'expand/obliterate/retry',
        'expand/clean/failed',
        'expand/1/promote',
      ].map(put),
    );
    const pages = await Promise.all([
      admin.ask('/board'),
      admin.ask('/board/api/queues'),
      attacker.inProject('status'),
      stranger.ask('/health'),
      attacker.inProject('nothing'),
    ]);
    const powered = pages.filter(({ headers }) => 'x-powered-by' in headers);
    const stored = pages
      .slice(0, 3)
      .filter(({ headers }) => !String(headers['cache-control']).includes('no-store'));
    const two = await Promise.all(TWO_READINGS.map((request) => raw(scene, request)));
    return outcomeOf(
      claim(
        `${harmful.length} are refused (${statuses(harmful)})`,
        harmful.every(({ status }) => status === 403 || status === 404),
      ),
      claim(`${powered.length} answers have X-Powered-By`, powered.length === 0),
      claim(`${stored.length} answers may be stored`, stored.length === 0),
      claim(
        `requests in two readings get ${two.join(', ')}`,
        two.every((status) => status === '400' || status === 'closed'),
      ),
    );
  },
};

/** What a proxy may read otherwise than we do. */
const TWO_READINGS = [
  'POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!',
  'POST /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
  'GET /health HTTP/1.1\r\nHost : a\r\n\r\n',
  'GET /health HTTP/1.1\nHost: a\n\nGET /ready HTTP/1.1\r\n\r\n',
];

/** The status of the first answer, or `closed`. */
async function raw({ tasker }: Scene, request: string): Promise<string> {
  const socket = connect(tasker.port, '127.0.0.1');
  const first = new Promise<string>((done) => {
    socket.on('error', () => done('closed'));
    socket.on('close', () => done('closed'));
    socket.once('data', (data: Buffer) => done(data.toString().slice(9, 12)));
  });
  socket.write(request);
  const status = await Promise.race([first, pause(3_000).then(() => 'nothing')]);
  socket.destroy();
  return status;
}
