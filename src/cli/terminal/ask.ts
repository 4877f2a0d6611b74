/** Questions, on stderr, so that results can go elsewhere. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { EXIT, Exit } from '../exitCodes.ts';

export async function ask(question: string): Promise<string> {
  return answerTo(question, process.stderr);
}

/** What is typed is not shown. */
export async function askHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    return await answerTo('', nowhere);
  } finally {
    process.stderr.write('\n');
  }
}

/** All that comes in by a pipe or a file. */
export function readStdin(): Promise<string> {
  return text(process.stdin);
}

async function answerTo(question: string, output: NodeJS.WritableStream): Promise<string> {
  const typed = createInterface({ input: process.stdin, output, terminal: true });
  const ended = new Promise<never>((_, reject) =>
    typed.once('close', () => reject(new Exit(EXIT.interrupted, 'nothing was done'))),
  );
  try {
    return (await Promise.race([typed.question(question), ended])).trim();
  } finally {
    typed.close();
  }
}
