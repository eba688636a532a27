import { randomUUID } from 'node:crypto';
import { chmod, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Only the owner has access; Windows has no modes, and gives a user's folders to that user. */
export const PRIVATE_FOLDER = 0o700;
export const PRIVATE_FILE = 0o600;

/** Writes a file that only its owner may read, even when it existed with other modes. */
export async function writePrivately(file: string, text: string): Promise<void> {
  // The mode applies only to a new file, and a rename prevents a half-written read.
  const made = `${file}.${randomUUID()}.new`;
  await writeFile(made, text, { mode: PRIVATE_FILE });
  await rename(made, file);
}

export async function closeFolder(folder: string): Promise<boolean> {
  if (process.platform === 'win32') return true;
  await chmod(folder, PRIVATE_FOLDER).catch(() => undefined);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isDirectory() && !entry.isFile()) continue;
    const mode = entry.isDirectory() ? PRIVATE_FOLDER : PRIVATE_FILE;
    // Files may disappear meanwhile, and those of a container may belong to another user.
    await chmod(join(entry.parentPath, entry.name), mode).catch(() => undefined);
  }
  return ((await stat(folder)).mode & 0o077) === 0;
}
