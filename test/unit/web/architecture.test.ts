import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCycle, type Import, readSources } from '../../support/imports.ts';

const sources = readSources('web').filter(({ path }) => path !== 'vite.config.ts');
const imports = sources.flatMap((source) => source.imports);
const shown = ({ from, to }: Import) => `${from} -> ${to}`;

/** From the top down: a file imports from its own layer and from those below. */
const LAYERS: readonly RegExp[] = [
  /^main\.tsx$/,
  /^app\//,
  /^pages\//,
  /^actions\//,
  /^parts\//,
  /^state\//,
  /^format\//,
];
const MOST_FILES = 16;

const layerOf = (path: string) => LAYERS.findIndex((layer) => layer.test(path));
const isOwn = ({ to }: Import) => sources.some(({ path }) => path === to);

describe('the console', () => {
  it('has every file in a layer, and a file in every layer', () => {
    expect(sources.map(({ path }) => path).filter((path) => layerOf(path) < 0)).toEqual([]);
    expect(new Set(sources.map(({ path }) => layerOf(path))).size).toBe(LAYERS.length);
  });

  it('imports downwards only, without cycles', () => {
    expect(imports.filter((one) => isOwn(one) && layerOf(one.to) < layerOf(one.from)).map(shown)).toEqual([]);
    expect(findCycle(sources)).toBeUndefined();
  });

  it('has pages that know nothing of each other', () => {
    const across = imports.filter(({ from, to }) => {
      return from.startsWith('pages/') && to.startsWith('pages/') && dirname(from) !== dirname(to);
    });
    expect(across.map(shown)).toEqual([]);
  });

  it('takes nothing of the server but its client, and few packages', () => {
    const outside = imports.filter((one) => !isOwn(one) && !one.to.endsWith('.css')).map(({ to }) => to);
    const expected = ['../src/client/client.ts', '@preact/signals', 'preact', 'preact/hooks', 'uplot'];
    expect([...new Set(outside)].toSorted()).toEqual(expected);
  });

  it('has folders of few files', () => {
    const counts = new Map<string, number>();
    for (const { path } of sources) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > MOST_FILES)).toEqual([]);
  });
});
