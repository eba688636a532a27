import { knownHosts } from '@quartet/common/http/host.ts';
import type { RequestHandler } from 'express';
import { HttpError } from './http-error.ts';

const READING = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Mails hold reset links, and the inbox has no login, so pages of other origins are kept out: DNS rebinding by the Host
 * header, other calls by a header that a page cannot send without asking first. Mailpit ignores that header.
 * @param hosts names of the inbox beside localhost and the machine's
 */
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
