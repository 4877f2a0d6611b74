import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP connection to a target, looked up for each one, that can fall silent, or break, at will: a fault that no real server can be told to produce. */
export interface PausableProxy {
  port: number;
  /** Passes nothing on, in either direction, until `resume`; connections that come meanwhile wait. */
  pause(): void;
  resume(): void;
  /** Breaks every connection there is. New ones are let through. */
  cut(): void;
  /** Breaks every connection there is, and new ones, until `resume`. */
  refuse(): void;
  close(): Promise<void>;
}

/** @param onSent hears what clients send */
export async function pausableProxy(
  target: { host: string; port: number },
  onSent?: (data: Buffer) => void,
): Promise<PausableProxy> {
  const sockets = new Set<Socket>();
  let paused = false;
  let refusing = false;
  const server = createServer((client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    const upstream = connect(target.port, target.host);
    client.pipe(upstream).pipe(client);
    if (onSent) client.on('data', onSent);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
      if (paused) socket.pause();
    }
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    pause: () => {
      paused = true;
      for (const socket of sockets) socket.pause();
    },
    resume: () => {
      paused = false;
      refusing = false;
      for (const socket of sockets) socket.resume();
    },
    cut,
    refuse: () => {
      refusing = true;
      cut();
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
