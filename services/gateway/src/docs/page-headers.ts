import type { Response } from 'express';

export type PageNeeds = {
  /** A value is `'nonce-...'`, new for every answer, or `'sha256-...'` (CSP level 3, 2.3.1). */
  inlineStyles?: string[];
  blobWorkers?: boolean;
  /** Where its API is, when not where it came from. */
  apiOrigin?: string | undefined;
};

/** The page loads nothing from elsewhere, runs no inline code, and no other page may frame it. */
export function setPageHeaders(
  res: Response,
  { inlineStyles = [], blobWorkers = false, apiOrigin = "'self'" }: PageNeeds = {},
): void {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    ["style-src 'self'", ...inlineStyles].join(' '),
    "img-src 'self' data:",
    `connect-src ${apiOrigin}`,
    ...(blobWorkers ? ['worker-src blob:'] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  res.set({
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy.join('; '),
  });
}
