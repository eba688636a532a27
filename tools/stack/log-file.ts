import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { PRIVATE_FILE } from '../engines/private-file.ts';

export type LogFile = {
  write(line: string): void;
  close(): Promise<void>;
};

/** Opens a process's log; that of the former run becomes `.log.1`. */
export async function openLogFile(folder: string, name: string): Promise<LogFile> {
  const file = join(folder, `${name}.log`);
  await rename(file, `${file}.1`).catch(() => {});
  const stream = createWriteStream(file, { mode: PRIVATE_FILE });
  // A full disk must not end the stack; the console has the lines too.
  stream.on('error', () => {});
  return {
    write: (line) => void stream.write(`${line}\n`),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
