import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Logger } from '../../runtime/log.ts';

/** A caller that takes less than this in {@link STALLED_MS} does not read. */
const LEAST_BYTES = 16_384;
const STALLED_MS = 30_000;
/** So often in that time it is looked. */
const LOOKS = 6;

interface Progress {
  /** What the other side had taken at `sinceMs`. */
  taken: number;
  sinceMs: number;
}

/**
 * Ends connections whose other side does not read what it is sent: what waits for it, and what that is made from,
 * would stay in memory for as long as it likes. Gives what ends the looking.
 */
export function endStalledWrites(server: Server, log: Logger, stalledMs = STALLED_MS): () => void {
  const connections = new Map<Socket, Progress>();
  const watch = (socket: Socket) => {
    connections.set(socket, { taken: 0, sinceMs: performance.now() });
    socket.once('close', () => connections.delete(socket));
  };
  // Of TLS the inner connection: what it has not encrypted yet counts as well.
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', watch);
  const look = () => {
    const nowMs = performance.now();
    for (const [socket, { taken, sinceMs }] of connections) {
      const waiting = socket.writableLength;
      const takenNow = socket.bytesWritten - waiting;
      if (waiting === 0 || takenNow - taken >= LEAST_BYTES)
        connections.set(socket, { taken: takenNow, sinceMs: nowMs });
      else if (nowMs - sinceMs >= stalledMs) {
        log.warn(
          { from: socket.remoteAddress, waiting, seconds: Math.round(stalledMs / 1_000) },
          'an answer was not read: the connection is ended',
        );
        socket.destroy();
      }
    }
  };
  const timer = setInterval(look, stalledMs / LOOKS);
  return () => clearInterval(timer);
}
