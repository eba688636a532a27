import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

const program = process.env.CHROMIUM ?? findProgram();

/** A missing browser fails the tests on CI; `none` declares that there is none. */
export const hasNoBrowser = program === 'none' || (program === undefined && !process.env.CI);

export async function launchBrowser(flags: string[] = []): Promise<Browser> {
  if (program === undefined) throw new Error(`none of ${PROGRAMS.join(', ')} is installed`);
  return chromium.launch({ executablePath: program, args: [...FLAGS.split(' '), ...flags] });
}

function findProgram(): string | undefined {
  const folders = process.env.PATH?.split(delimiter) ?? [];
  return PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
