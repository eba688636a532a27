import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '../..');

/** The text is replaced when the module is loaded. */
export type Replacement = { file: string; find: RegExp; replace: string };

/** @throws {Error} when the text is not there exactly once, so that every sabotage stays one */
export function replaced(source: string, { file, find, replace }: Replacement): string {
  const times = source.match(find)?.length ?? 0;
  if (times !== 1) throw new Error(`${find} stands ${times} times in ${file}, not once`);
  return source.replace(find, () => replace);
}

/** A module that NODE_OPTIONS loads first calls this. */
export function replaceOnLoad(replacements: readonly Replacement[]): void {
  const wanted = replacements.map((replacement) => ({
    ...replacement,
    url: pathToFileURL(join(ROOT, replacement.file)).href,
  }));
  registerHooks({
    load(loading, context, nextLoad) {
      const loaded = nextLoad(loading, context);
      const here = wanted.filter(({ url }) => url === loading);
      if (here.length === 0) return loaded;
      return { ...loaded, source: here.reduce(replaced, String(loaded.source)) };
    },
  });
}
