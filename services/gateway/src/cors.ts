import type { RequestHandler } from 'express';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
const EXPOSED = 'X-Request-Id, Retry-After';
const PREFLIGHT_MAX_AGE_SECONDS = '600';

/** Only a listed origin may send JSON without a media type (Fetch standard, "CORS protocol"). */
export function cors(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  return (req, res, next) => {
    res.vary('Origin');
    const { origin } = req.headers;
    const isPreflight =
      req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined;
    if (origin !== undefined && allowed.has(origin)) {
      res.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' });
      req.headers['content-type'] ||= 'application/json';
      if (!isPreflight) res.set('Access-Control-Expose-Headers', EXPOSED);
      else {
        const requestedHeaders = req.headers['access-control-request-headers'];
        res.vary('Access-Control-Request-Headers');
        res.set('Access-Control-Allow-Methods', METHODS);
        res.set('Access-Control-Max-Age', PREFLIGHT_MAX_AGE_SECONDS);
        if (requestedHeaders !== undefined) res.set('Access-Control-Allow-Headers', requestedHeaders);
      }
    }
    if (origin !== undefined && isPreflight) res.status(204).end();
    else next();
  };
}
