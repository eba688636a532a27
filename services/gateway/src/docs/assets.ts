import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { TYPES } from './content-types.ts';

export type Asset = {
  name: string;
  path: string;
  contentType: string;
  content: Buffer;
  /** Compressed before; otherwise the first caller's request does it. */
  encoded?: { br: Buffer; gzip: Buffer };
};

const { resolve } = createRequire(import.meta.url);
const own = (file: string) => join(import.meta.dirname, 'pages', file);

/** No folder is served, so no path can lead out of this list. */
const FILES: Record<string, string> = {
  '/docs/assets/icon.svg': own('icon.svg'),
  '/docs/assets/swagger-ui.css': resolve('swagger-ui-dist/swagger-ui.css'),
  '/docs/assets/swagger-ui-bundle.js': resolve('swagger-ui-dist/swagger-ui-bundle.js'),
  '/docs/assets/docs.css': own('docs.css'),
  '/docs/assets/events.css': own('events.css'),
  '/docs/assets/docs.js': own('docs.js'),
  '/redoc/assets/redoc-standalone.js': resolve('redoc/bundles/redoc.standalone.js'),
  '/redoc/assets/redoc.css': own('redoc.css'),
  '/redoc/assets/redoc.js': own('redoc.js'),
};

/** No option removes this logo of another host; Redoc leaves out a picture that it cannot load. */
const REDOC_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const NO_PICTURE = 'data:,';

export function loadAssets(): Asset[] {
  return Object.entries(FILES).map(([name, file]) => {
    const content = Buffer.from(readFileSync(file, 'utf8').replace(REDOC_LOGO, NO_PICTURE));
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
    const extension = extname(name);
    const path = `${name.slice(0, -extension.length)}-${hash}${extension}`;
    return { name, path, contentType: TYPES[extension] ?? 'application/octet-stream', content };
  });
}

export function linkAssets(html: string, assets: readonly Asset[]): string {
  return assets.reduce((text, { name, path }) => text.replaceAll(`"${name}"`, `"${path}"`), html);
}
