import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '../..');

/** A piece of text in one source file, replaced as the file is loaded. */
export type Replacement = { file: string; find: RegExp; replace: string };

/**
 * The source with its replacement.
 * @throws when the text is not there exactly once, so that no sabotage can quietly stop being one
 */
export function replaced(source: string, { file, find, replace }: Replacement): string {
  const times = source.match(find)?.length ?? 0;
  if (times !== 1) throw new Error(`${find} stands ${times} times in ${file}, not once`);
  return source.replace(find, () => replace);
}

/** For a module that is loaded before all others, by NODE_OPTIONS: from now on the files are loaded with the replacements. */
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
