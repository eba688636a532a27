import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { launchBrowser } from '../tests/support/browser.ts';
import { startStack } from '../tests/system/stack.ts';
import { runCommand } from './command-line.ts';
import { type PicturesOptions, parseArguments, usage } from './pictures/arguments.ts';
import { makeSampleData } from './pictures/sample-data.ts';
import { openPictures } from './pictures/take-pictures.ts';

async function run({ out }: PicturesOptions, signal: AbortSignal): Promise<number> {
  console.log('starting a stack');
  const stack = await startStack([], { RATE_LIMITS: 'off', EMAIL_VERIFICATION: 'optional' }, signal);
  try {
    const browser = await launchBrowser();
    try {
      const folder = resolve(out);
      const pictures = await openPictures(browser, new URL(stack.api).origin, folder);
      await makeSampleData(stack);
      for (const file of await pictures.take()) {
        const { size } = await stat(join(folder, file));
        console.log(`${join(out, file)}: ${Math.ceil(size / 1024)} kB`);
      }
    } finally {
      await browser.close();
    }
  } finally {
    await stack.stop();
  }
  return 0;
}

await runCommand('pictures', { usage, parseOptions: parseArguments, run });
