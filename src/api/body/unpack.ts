import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

const UNPACKING = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress } as const;

/** A body that unpacks to less is never too densely packed. */
const FREE_BYTES = 2 ** 20;
/** A long list of targets packs to a tenth, one that says the same again and again to a fiftieth. */
const MOST_TIMES = 100;

/** The bytes of a body as they are unpacked. */
export interface Unpacked {
  bytes: Readable;
  /** Whether so many bytes are more than an honest body of this size comes to. */
  isTooDense(unpacked: number): boolean;
}

/** undefined: it is packed in a way that we do not know. */
export function unpacked(req: IncomingMessage): Unpacked | undefined {
  const encoding = (req.headers['content-encoding'] ?? 'identity').toLowerCase().trim();
  if (encoding === 'identity') return { bytes: req, isTooDense: () => false };
  if (!Object.hasOwn(UNPACKING, encoding)) return undefined;
  const unpacking = UNPACKING[encoding as keyof typeof UNPACKING]();
  let came = 0;
  req.on('data', (packed: Buffer) => {
    came += packed.length;
  });
  req.once('error', (error) => unpacking.destroy(error));
  unpacking.once('close', () => req.unpipe(unpacking));
  const isTooDense = (bytes: number) => bytes > FREE_BYTES && bytes > came * MOST_TIMES;
  return { bytes: req.pipe(unpacking), isTooDense };
}
