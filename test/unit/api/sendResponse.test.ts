import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import express from 'express';
import pino from 'pino';
import { expect, it } from 'vitest';
import { sendResponse } from '../../../src/api/http/sendResponse.ts';

const PIECES = 50;
const PIECE = 'x'.repeat(2 ** 18);

it('a long answer lets others have their turn after each of its pieces, however fast it is read', async () => {
  let writing = true;
  let turns = 0;
  const app = express();
  app.get('/', async (_, res) => {
    const counting = count();
    const stream = Array.from({ length: PIECES }, () => PIECE);
    await sendResponse(res, { status: 200, stream }, pino({ level: 'silent' }));
    writing = false;
    await counting;
  });
  const count = async () => {
    for (; writing; turns++) await nextTurn();
  };
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const text = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    expect(text.length).toBe(PIECES * PIECE.length);
    expect(turns).toBeGreaterThanOrEqual(PIECES);
  } finally {
    server.close();
  }
});
