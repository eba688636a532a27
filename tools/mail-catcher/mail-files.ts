import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type MailFile = { id: string; createdAtMs: number; sequence: number; raw: Buffer };

export type MailFiles = {
  load(): Promise<MailFile[]>;
  write(file: MailFile): Promise<void>;
  remove(file: Omit<MailFile, 'raw'>): Promise<void>;
};

const NAME = /^(\d{13})-(\d{6,})-([0-9A-Za-z]+)\.eml$/;

const nameOf = ({ id, createdAtMs, sequence }: Omit<MailFile, 'raw'>): string =>
  `${String(createdAtMs).padStart(13, '0')}-${String(sequence).padStart(6, '0')}-${id}.eml`;

export function createMailFiles(directory: string): MailFiles {
  return {
    async load() {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const names = (await readdir(directory)).sort();
      const files: MailFile[] = [];
      for (const name of names) {
        const [, createdAt, sequence, id] = NAME.exec(name) ?? [];
        // A crash between write and rename leaves such a file; SMTP has not acknowledged that mail.
        if (name.endsWith('.eml.tmp')) await rm(join(directory, name), { force: true });
        if (id === undefined) continue;
        const raw = await readFile(join(directory, name));
        files.push({ id, createdAtMs: Number(createdAt), sequence: Number(sequence), raw });
      }
      return files;
    },
    async write(file) {
      const path = join(directory, nameOf(file));
      await writeFile(`${path}.tmp`, file.raw, { flush: true, mode: 0o600 });
      await rename(`${path}.tmp`, path);
    },
    async remove(file) {
      await rm(join(directory, nameOf(file)), { force: true });
    },
  };
}
