import { access, constants, type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { type AuditEntry, type AuditNote, auditText } from './entry.ts';

/** Whoever made the change waits no longer than this for its line: a stop must go on, whatever the disk does. */
const PATIENCE_MS = 1_000;
const TRY_AGAIN_MS = 1_000;
/** Entries that wait while nothing can be written. Those beyond it go to the log. */
const MOST_WAITING = 10_000;
const WRITTEN_AT_ONCE = 100;
/** It tells who did what. */
const MODE = 0o600;
const LINE_END = 10;

/**
 * The audit trail as lines of JSON in a file, for those who must keep it. Several processes may append to one: each writes
 * whole lines. A file that was renamed or removed is made anew.
 */
export class AuditFile {
  readonly #path: string;
  readonly #log: Logger;
  readonly #lost: AuditNote['lost'];
  readonly #waiting: { entry: AuditEntry; line: string }[] = [];
  #file: FileHandle | undefined;
  #writing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #trouble: string | undefined;

  /** `lost` is told of what is never written. */
  constructor(path: string, log: Logger, lost: AuditNote['lost']) {
    this.#path = path;
    this.#log = log;
    this.#lost = lost;
  }

  /** Resolves when the line is on the disk, or has to wait. Never rejects. */
  async append(entry: AuditEntry, outcome: string): Promise<void> {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#lost(entry, this.#trouble ?? 'too many entries wait to be written');
      return;
    }
    const line = `${auditText(entry).slice(0, -1)},"outcome":${JSON.stringify(outcome)}}\n`;
    this.#waiting.push({ entry, line });
    const given = new AbortController();
    await Promise.race([
      this.#write(),
      delay(PATIENCE_MS, undefined, { signal: given.signal }).catch(() => {}),
    ]);
    given.abort();
  }

  /** Rejects when entries cannot be written. */
  async check(): Promise<void> {
    if (this.#trouble !== undefined) throw new Error(this.#told(this.#trouble));
    await access(this.#path, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw new Error(this.#told(messageOf(error)));
    });
  }

  async close(): Promise<void> {
    await this.#write();
    clearTimeout(this.#retry);
    for (const { entry } of this.#waiting.splice(0)) this.#lost(entry, this.#trouble ?? 'not written');
    await this.#file?.close();
  }

  async #write(): Promise<void> {
    if (this.#waiting.length === 0) return;
    this.#writing ??= this.#writeAll();
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      while (this.#waiting.length > 0) await this.#writeSome();
      if (this.#trouble !== undefined) this.#log.info('AUDIT_FILE can be written again: nothing is missing');
      this.#trouble = undefined;
    } catch (error) {
      const why = messageOf(error);
      if (this.#trouble === undefined)
        this.#log.warn({ err: why }, 'AUDIT_FILE cannot be written: entries wait');
      this.#trouble = why;
      this.#retry = setTimeout(() => void this.#write(), TRY_AGAIN_MS);
      this.#retry.unref();
    }
    // In the step in which nothing more was found to write: whoever comes next has it written.
    this.#writing = undefined;
  }

  async #writeSome(): Promise<void> {
    const some = this.#waiting.slice(0, WRITTEN_AT_ONCE);
    const file = await this.#current();
    // A full disk leaves the beginning of a line, of this process or another one.
    const start = (await endsInLine(file)) ? '' : '\n';
    const bytes = Buffer.from(start + some.map(({ line }) => line).join(''));
    const { bytesWritten } = await file.write(bytes);
    if (bytesWritten < bytes.length) throw new Error('the disk took a part of a line only');
    await file.datasync();
    this.#waiting.splice(0, some.length);
  }

  /** The file that has the name now: whoever rotates it renames the one that was open. */
  async #current(): Promise<FileHandle> {
    const [named, opened] = await Promise.all([stat(this.#path).catch(() => undefined), this.#file?.stat()]);
    if (this.#file !== undefined && named?.ino === opened?.ino && named?.dev === opened?.dev)
      return this.#file;
    await this.#file?.close();
    this.#file = undefined;
    this.#file = await open(this.#path, 'a+', MODE);
    return this.#file;
  }

  #told(why: string): string {
    return `AUDIT_FILE cannot be written: ${why}`;
  }
}

async function endsInLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return bytesRead === 0 || buffer[0] === LINE_END;
}
