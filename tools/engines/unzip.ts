import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

// Signatures and field offsets: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16.
const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;

type Entry = {
  name: string;
  method: number;
  compressedSize: number;
  localHeader: number;
};

/**
 * Unpacks the files of a zip archive whose names start with one of `prefixes` into `folder`.
 * Takes what wheels are made of: no encryption, no archive above 4 GB. The caller has checked the archive's hash.
 */
export async function unzip(archive: string, folder: string, prefixes: string[]): Promise<void> {
  const zip = await readFile(archive);
  for (const entry of readDirectory(zip)) {
    if (entry.name.endsWith('/') || !prefixes.some((prefix) => entry.name.startsWith(prefix))) {
      continue;
    }
    if (entry.name.split('/').includes('..')) {
      throw new Error(`${archive} holds a file outside itself: ${entry.name}`);
    }
    const target = join(folder, entry.name);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, contentOf(zip, entry));
  }
}

function readDirectory(zip: Buffer): Entry[] {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== END_OF_DIRECTORY) {
    end -= 1;
  }
  if (end < 0) {
    throw new Error('not a zip archive');
  }
  const entries: Entry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== DIRECTORY_ENTRY) {
      throw new Error('a zip archive with a broken directory');
    }
    const nameLength = zip.readUInt16LE(at + 28);
    entries.push({
      name: zip.toString('utf8', at + 46, at + 46 + nameLength),
      method: zip.readUInt16LE(at + 10),
      compressedSize: zip.readUInt32LE(at + 20),
      localHeader: zip.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

function contentOf(zip: Buffer, entry: Entry): Buffer {
  // The local header repeats the name and has an extra field of its own length.
  const start =
    entry.localHeader +
    30 +
    zip.readUInt16LE(entry.localHeader + 26) +
    zip.readUInt16LE(entry.localHeader + 28);
  const raw = zip.subarray(start, start + entry.compressedSize);
  return entry.method === STORED ? raw : inflateRawSync(raw);
}
