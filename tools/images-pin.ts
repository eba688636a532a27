import { join } from 'node:path';
import { runCommand } from './command-line.ts';
import { parseOptions, pinImages, usage } from './images/pin.ts';

const root = join(import.meta.dirname, '..');

await runCommand('images:pin', {
  usage,
  parseOptions,
  run: (options, signal) => pinImages(root, options, (line) => console.log(line), signal),
});
