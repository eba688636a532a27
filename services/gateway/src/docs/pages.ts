import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unavailable } from '@quartet/common/errors.ts';
import type { Response } from 'express';
import type { AsyncApiDocument } from '../async-api/document.ts';
import { type Asset, linkAssets } from './assets.ts';
import { escapeHtml } from './escape-html.ts';
import { renderEventsPage } from './events-page.ts';
import { setPageHeaders } from './page-headers.ts';

/** Redoc adds the style of its scroll bars before it has the nonce: first empty, then with this text. */
const SCROLL_BAR_STYLES = [
  "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
  "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
];

const NONCE = '{{nonce}}';

export function swaggerPage(title: string, assets: readonly Asset[]): (res: Response) => void {
  const html = Buffer.from(readPage('docs.html', title, assets));
  return (res) => {
    setPageHeaders(res);
    res.send(html);
  };
}

export function eventsPage(
  events: () => AsyncApiDocument | undefined,
  assets: readonly Asset[],
): (res: Response) => void {
  const links = { stylesheet: '/docs/assets/events.css', icon: '/docs/assets/icon.svg' };
  let made: { of: AsyncApiDocument; page: Buffer } | undefined;
  return (res) => {
    const document = events();
    if (!document) throw unavailable();
    if (made?.of !== document) {
      made = { of: document, page: Buffer.from(linkAssets(renderEventsPage(document, links), assets)) };
    }
    setPageHeaders(res);
    res.send(made.page);
  };
}

/** Redoc adds styles to the page, and searches in a worker from its own script. */
export function redocPage(title: string, assets: readonly Asset[]): (res: Response) => void {
  // A title might contain the mark too, so the last one is the page's.
  const html = readPage('redoc.html', title, assets);
  const at = html.lastIndexOf(NONCE);
  const [before, after] = [html.slice(0, at), html.slice(at + NONCE.length)];
  return (res) => {
    const nonce = randomBytes(16).toString('base64');
    setPageHeaders(res, { inlineStyles: [`'nonce-${nonce}'`, ...SCROLL_BAR_STYLES], blobWorkers: true });
    res.send(before + nonce + after);
  };
}

function readPage(file: string, title: string, assets: readonly Asset[]): string {
  const html = readFileSync(join(import.meta.dirname, 'pages', file), 'utf8');
  return linkAssets(html, assets).replace('{{title}}', () => escapeHtml(title));
}
