/**
 * A Node process preloads this to run sources whose types tools/strip-types.ts has removed. Otherwise Node removes them
 * itself, with a WebAssembly that takes 17 MB of each process. The names of files and the lines in stack traces stay.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (loaded.format !== 'module-typescript' || !loaded.source) return loaded;
    // A source that was changed after the preparation has another name, and Node strips it.
    const source = stripped(createHash('sha256').update(loaded.source).digest('hex'));
    return source === undefined ? loaded : { ...loaded, format: 'module', source };
  },
});

function stripped(hash) {
  try {
    return readFileSync(join(import.meta.dirname, `${hash}.js`));
  } catch {
    return undefined;
  }
}
