/** `npm run sbom`: what a release is made of, as CycloneDX, in .data/sbom.cdx.json. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

interface Bom {
  components: { 'bom-ref': string }[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

interface Lock {
  packages: Record<string, { version?: string; dev?: boolean }>;
}

const FILE = '.data/sbom.cdx.json';
const MODULES = 'node_modules/';

/** `name@version` of each package that runs. npm's own `--omit dev` also leaves out what builds too. */
function refsThatRun(): Set<string> {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;
  const installed = Object.entries(packages).filter(([path, { dev }]) => path && !dev);
  return new Set(
    installed.map(
      ([path, { version }]) => `${path.slice(path.lastIndexOf(MODULES) + MODULES.length)}@${version}`,
    ),
  );
}

const args = ['sbom', '--sbom-type', 'application', '--sbom-format', 'cyclonedx'];
const bom = JSON.parse(execFileSync('npm', args, { encoding: 'utf8', maxBuffer: 2 ** 26 })) as Bom;
const runs = refsThatRun();
const [root] = bom.dependencies;
const components = bom.components.filter(({ 'bom-ref': ref }) => runs.has(ref));
const dependencies = bom.dependencies
  .filter((each) => each === root || runs.has(each.ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => runs.has(other)) }));
mkdirSync('.data', { recursive: true });
writeFileSync(FILE, `${JSON.stringify({ ...bom, components, dependencies }, null, 2)}\n`);
console.log(`${FILE}: ${components.length} packages`);
