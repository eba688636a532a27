import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

const CLIENT = join(import.meta.dirname, '../../clients/typescript');
const PAGE = `<!doctype html><title>tab</title><link rel="icon" href="data:,"><script type="module">
import * as quartet from './index.ts';
globalThis.testTab = { quartet };
</script>`;

/** A page that has the client as it stands here, without its types. */
export async function servedAt(path: string): Promise<{ contentType: string; body: string }> {
  const file = path.replace('/test-page/', '');
  if (file === '') return { contentType: 'text/html', body: PAGE };
  const source = await readFile(join(CLIENT, file), 'utf8');
  return { contentType: 'text/javascript', body: stripTypeScriptTypes(source) };
}
