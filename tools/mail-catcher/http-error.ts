import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';

export class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const notFound = (): HttpError => new HttpError(404, '404 page not found');

export const answerNotFound: RequestHandler = () => {
  throw notFound();
};

/** Express's client errors carry a status, like ours; any other error is a 500 that hides its cause. */
export function answerErrors(log: Logger): ErrorRequestHandler {
  return (err, req, res, next) => {
    if (res.headersSent) return next(err);
    const status = err instanceof Error && 'status' in err ? Number(err.status) : 500;
    const expected = status >= 400 && status < 500;
    if (!expected) log.error({ err, method: req.method, path: req.path }, 'request failed');
    res.status(expected ? status : 500);
    res.type('text/plain').send(expected ? String(err.message) : 'internal error');
  };
}
