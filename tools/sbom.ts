/**
 * `npm run sbom`: what a release is made of, into `.data/sbom.cdx.json`. It is asked of a copy without development packages:
 * `npm sbom --omit dev` leaves out whatever one of those needs as well.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directory = mkdtempSync(join(tmpdir(), 'tasker-sbom-'));
try {
  const { devDependencies: _, ...rest } = JSON.parse(readFileSync('package.json', 'utf8'));
  writeFileSync(join(directory, 'package.json'), JSON.stringify(rest));
  copyFileSync('package-lock.json', join(directory, 'package-lock.json'));
  const npm = (...args: string[]) =>
    execFileSync('npm', [...args, '--package-lock-only'], { cwd: directory, maxBuffer: 2 ** 26 });
  npm('install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund');
  mkdirSync('.data', { recursive: true });
  writeFileSync(
    '.data/sbom.cdx.json',
    npm('sbom', '--sbom-type', 'application', '--sbom-format', 'cyclonedx'),
  );
} finally {
  rmSync(directory, { recursive: true });
}
