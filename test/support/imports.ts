import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** One import or re-export of a source file. */
export interface Import {
  /** Below the folder, with `/`. */
  from: string;
  /** A file below the folder, or the name of a package, subpath included. */
  to: string;
  /** Gone after compilation. */
  typeOnly: boolean;
}

export interface Source {
  /** Below the folder, with `/`. */
  path: string;
  /** Without comments. */
  code: string;
  imports: Import[];
}

const ROOT = new URL('../../', import.meta.url);
const STATEMENT = /^(?:import|export)\s+(?<type>type\s)?(?:[^'";]*?\sfrom\s+)?'(?<static>[^']+)'/gm;
const CALL = /\b(?:import|require|createRequire)\((?:'(?<dynamic>[^']+)'|[^)]*)\)/g;
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** Every file of a folder with what it imports. Throws on an import whose target cannot be read off the text. */
export function readSources(folder: 'src' | 'web' = 'src'): Source[] {
  const root = new URL(`${folder}/`, ROOT);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => sourceOf(path, readFileSync(new URL(path, root), 'utf8')));
}

export function sourceOf(path: string, text: string): Source {
  const code = text.replaceAll(COMMENT, '');
  const imports: Import[] = [];
  const add = (target: string, typeOnly: boolean) => {
    const to = target.startsWith('.') ? posix.join(posix.dirname(path), target) : target;
    imports.push({ from: path, to, typeOnly });
  };
  for (const { groups } of code.matchAll(STATEMENT)) add(groups?.static ?? '', groups?.type !== undefined);
  for (const [call, dynamic] of code.matchAll(CALL)) {
    if (dynamic === undefined) throw new Error(`${path}: what does ${call} import?`);
    add(dynamic, false);
  }
  return { path, code, imports };
}

/** A path that leads from a file back to itself by value imports, if there is one. */
export function findCycle(sources: readonly Source[]): string[] | undefined {
  const targets = new Map(
    sources.map(({ path, imports }) => [path, imports.filter((one) => !one.typeOnly).map(({ to }) => to)]),
  );
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const target of targets.get(path) ?? []) {
      const cycle = visit(target, [...trail, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const { path } of sources) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return undefined;
}
