import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Asset } from '../docs/assets.ts';
import { TYPES } from '../docs/content-types.ts';

export type DashboardFiles = { page: string; assets: Asset[] };

/** Reads what `npm run dashboard:build` made; undefined when there is nothing. No request reads a file. */
export function readDashboard(folder: string): DashboardFiles | undefined {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) return undefined;
  const names = readdirSync(join(folder, 'assets')).filter((name) => TYPES[extname(name)] !== undefined);
  return { page: readFileSync(index, 'utf8'), assets: names.map((name) => readAsset(folder, name)) };
}

/** The build has put a hash into its name, and compressed variants beside it. */
function readAsset(folder: string, name: string): Asset {
  const file = join(folder, 'assets', name);
  const path = `/assets/${name}`;
  const encoded = { br: readFileSync(`${file}.br`), gzip: readFileSync(`${file}.gz`) };
  return { name: path, path, contentType: TYPES[extname(name)] ?? '', content: readFileSync(file), encoded };
}
