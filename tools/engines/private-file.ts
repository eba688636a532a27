import { rename, writeFile } from 'node:fs/promises';

/** Writes a file that its owner alone may read, also where one was that others could read. */
export async function writePrivately(file: string, text: string): Promise<void> {
  // A mode counts only for a file that is made, and what is written in place could be read half done.
  const made = `${file}.${process.pid}.new`;
  await writeFile(made, text, { mode: 0o600 });
  await rename(made, file);
}
