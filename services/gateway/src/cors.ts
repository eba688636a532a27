import type { Dispatch } from '@quartet/common/http/app.ts';
import { setFixedHeaders } from '@quartet/common/http/send.ts';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
const EXPOSED = 'X-Request-Id, Retry-After, ETag';
const PREFLIGHT_MAX_AGE_SECONDS = '600';

/** Answers preflights. Only a listed origin may send JSON without a media type (Fetch standard, "CORS protocol"). */
export function cors(origins: readonly string[]): Dispatch {
  const allowed = new Set(origins);
  return (req, res) => {
    const { origin } = req.headers;
    if (origin === undefined) return undefined;
    const requestedMethod = req.headers['access-control-request-method'];
    const isPreflight = req.method === 'OPTIONS' && requestedMethod !== undefined;
    if (isPreflight) setFixedHeaders(res);
    if (allowed.has(origin)) {
      res.setHeader('Access-Control-Allow-Origin', origin);
      res.setHeader('Access-Control-Allow-Credentials', 'true');
      req.headers['content-type'] ||= 'application/json';
      if (!isPreflight) res.setHeader('Access-Control-Expose-Headers', EXPOSED);
      else {
        const requestedHeaders = req.headers['access-control-request-headers'];
        res.setHeader('Vary', 'Origin, Access-Control-Request-Headers');
        res.setHeader('Access-Control-Allow-Methods', METHODS);
        res.setHeader('Access-Control-Max-Age', PREFLIGHT_MAX_AGE_SECONDS);
        if (requestedHeaders !== undefined) res.setHeader('Access-Control-Allow-Headers', requestedHeaders);
      }
    }
    if (!isPreflight) return undefined;
    res.writeHead(204).end();
    return Promise.resolve();
  };
}
