import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, Router } from 'express';

/** Where Vite writes the console. The same place seen from src and from dist. */
const BUILT = new URL('../../../dist/web/', import.meta.url);
const YEAR_MS = 365 * 24 * 3600 * 1_000;
const FILES = { index: false, redirect: false } as const;

/** The console, as it was built. */
export interface ConsoleFiles {
  /** The page that loads everything else. */
  page: string;
  router: Router;
}

/** undefined: it is not built, and nothing here needs it. @param directory ends with a slash */
export function consoleFiles(directory = BUILT): ConsoleFiles | undefined {
  const page = textOf(new URL('index.html', directory));
  if (page === undefined) return undefined;
  const router = Router({ caseSensitive: true });
  const assets = fileURLToPath(new URL('assets/', directory));
  // Their names say what is in them.
  router.use(
    '/assets',
    kept,
    express.static(assets, { ...FILES, immutable: true, maxAge: YEAR_MS }),
    notKept,
  );
  router.use(express.static(fileURLToPath(directory), { ...FILES, cacheControl: false }));
  return { page, router };
}

/** What holds for answers does not hold for files. */
const kept: RequestHandler = (_req, res, next) => {
  res.removeHeader('Cache-Control');
  next();
};

const notKept: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store');
  next();
};

function textOf(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
