/** As much of yauzl 3 as unzip.ts uses; @types/yauzl is of version 2, without promises. */
declare module 'yauzl' {
  type Entry = { fileName: string };
  type ZipFile = {
    eachEntry(): AsyncIterable<Entry>;
    openReadStreamPromise(entry: Entry): Promise<NodeJS.ReadableStream>;
  };
  export function openPromise(path: string): Promise<ZipFile>;
}
