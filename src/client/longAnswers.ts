/** Answers that are longer than one page, read as they come. */
import type { Answer, Asked, CallOptions, Client, Operation } from './client.ts';

/** Operations whose answers have `next`: the cursor of the page after it. */
export type Paged = {
  [Name in Operation]: Answer<Name> extends { next: string | null } ? Name : never;
}[Operation];

/** Page after page; the next one is asked for when the one before has been looked at. */
export async function* pagesOf<Name extends Paged>(
  client: Client,
  name: Name,
  asked: Asked<Name>,
  options?: CallOptions,
): AsyncGenerator<Answer<Name>> {
  for (let next = asked; ; ) {
    const { answer } = await client.call(name, next, options);
    yield answer;
    const { next: cursor } = answer as { next: string | null };
    if (cursor === null) return;
    const { query } = next as { query?: object };
    next = { ...next, query: { ...query, cursor } };
  }
}

/** The lines of an answer, without their ends. @throws when the answer breaks off */
export async function* linesOf(response: Response): AsyncGenerator<string> {
  if (response.body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of chunksOf(response.body)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** Not every browser can iterate over a stream. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
