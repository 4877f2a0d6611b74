import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection on which a test writes and reads what it likes. Paused: it takes nothing until it is told to. */
export async function rawConnection(url: string, sent: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname);
  // A connection that the other side resets is what many of these tests are about.
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(sent, 'latin1');
  return socket;
}

/** All that comes until the other side ends the connection. */
export async function untilEnd(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (data: Buffer) => {
    text += data.toString('latin1');
  });
  if (!socket.closed) await once(socket, 'close');
  return text;
}

/** Sends it on a connection of its own and gives all that comes back until the other side ends it. */
export async function exchange(url: string, sent: string): Promise<string> {
  return untilEnd(await rawConnection(url, sent));
}

/** The status of each answer in a text. */
export function statuses(text: string): number[] {
  return Array.from(text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status));
}
