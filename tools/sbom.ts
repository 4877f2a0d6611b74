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
/** Tasker itself comes first. */
const ROOT = 0;

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

function refsOf(versions: Record<string, string>): Set<string> {
  return new Set(Object.entries(versions).map((entry) => entry.join('@')));
}

const args = ['sbom', '--sbom-type', 'application', '--sbom-format', 'cyclonedx'];
const bom = JSON.parse(execFileSync('npm', args, { encoding: 'utf8', maxBuffer: 2 ** 26 })) as Bom;
const runs = refsThatRun();
const direct = refsOf(JSON.parse(readFileSync('package.json', 'utf8')).dependencies);
const components = bom.components.filter(({ 'bom-ref': ref }) => runs.has(ref));
const dependencies = bom.dependencies
  .filter(({ ref }, i) => i === ROOT || runs.has(ref))
  .map(({ ref, dependsOn = [] }, i) => {
    const counts = i === ROOT ? direct : runs;
    return { ref, dependsOn: dependsOn.filter((other) => counts.has(other)) };
  });
mkdirSync('.data', { recursive: true });
writeFileSync(FILE, `${JSON.stringify({ ...bom, components, dependencies }, null, 2)}\n`);
console.log(`${FILE}: ${components.length} packages`);
