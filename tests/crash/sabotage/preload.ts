import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hurry, replaced, sabotageNamed } from './sabotages.ts';

const ROOT = join(import.meta.dirname, '../../..');
const wanted = [sabotageNamed(process.env.CRASH_SABOTAGE ?? ''), ...hurry].map((replacement) => ({
  ...replacement,
  url: pathToFileURL(join(ROOT, replacement.file)).href,
}));

// Loaded into every Node process of a stack by NODE_OPTIONS; only services load the files.
registerHooks({
  load(loading, context, nextLoad) {
    const loaded = nextLoad(loading, context);
    const here = wanted.filter(({ url }) => url === loading);
    if (here.length === 0) return loaded;
    return { ...loaded, source: here.reduce(replaced, String(loaded.source)) };
  },
});
