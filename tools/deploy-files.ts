import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readOptions, runCommand } from './command-line.ts';
import { deployFiles } from './deploy-files/deploy-files.ts';

const usage = `Usage: npm run deploy:files

Writes what the containers of broker and database are configured with, in deploy/, from the definitions that npm start and
npm run database:users use. A test fails when a file there is stale.

  --help    this text`;

async function write(): Promise<number> {
  const root = join(import.meta.dirname, '..');
  for (const [file, content] of deployFiles()) {
    const path = join(root, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    console.log(`wrote ${file}`);
  }
  return 0;
}

await runCommand('deploy:files', { usage, parseOptions: (argv) => readOptions(argv, {}), run: write });
