import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the API answers; everything else of the page comes from Vite while you develop. */
const API =
  /^\/(tasks|submissions|projects|session|events|workers|dispatch|audit|health|ready|board|docs|openapi\.json)/;
const target = process.env.TASKER_URL ?? 'http://127.0.0.1:8001';

export default defineConfig({
  root: here('.'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    // The content security policy of the API allows no script inside of a page, and no `data:` fonts are needed.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { proxy: { [API.source]: { target, changeOrigin: false } } },
});
