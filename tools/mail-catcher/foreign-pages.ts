import { knownHosts } from '@quartet/common/http/host.ts';
import type { RequestHandler } from 'express';
import { HttpError } from './http-error.ts';

const READING = ['GET', 'HEAD', 'OPTIONS'];

/** Mails hold reset links: the Host check stops DNS rebinding, a custom header stops other origins' calls. */
export function refuseForeignPages(hosts: readonly string[]): RequestHandler {
  const isOurs = knownHosts(hosts);
  return (req, _res, next) => {
    if (!isOurs(req.headers.host)) {
      throw new HttpError(403, 'asked for as a host that MAIL_HOSTS does not name');
    }
    if (!READING.includes(req.method) && !req.get('X-Requested-With')) {
      throw new HttpError(
        403,
        'a changing call needs the header X-Requested-With, as in: -H X-Requested-With:curl',
      );
    }
    next();
  };
}
