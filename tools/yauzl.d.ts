/** @types/yauzl is for version 2 without promises; this is what unzip.ts needs of yauzl 3. */
declare module 'yauzl' {
  type Entry = { fileName: string };
  type ZipFile = {
    eachEntry(): AsyncIterable<Entry>;
    openReadStreamPromise(entry: Entry): Promise<NodeJS.ReadableStream>;
  };
  export function openPromise(path: string): Promise<ZipFile>;
}
