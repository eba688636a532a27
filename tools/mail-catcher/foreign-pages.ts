import { knownHosts } from '@quartet/common/http/known-hosts.ts';
import type { RequestHandler } from 'express';
import { HttpError } from './http-error.ts';

const READING = ['GET', 'HEAD', 'OPTIONS'];

/**
 * The mails hold reset links, and nobody logs in here; so a page from elsewhere in a browser of this machine is kept out. One
 * whose name was made to point here (DNS rebinding) is known by its Host header; one that calls us as what we are cannot
 * read an answer, and cannot send a header of its choice without asking first, which is never granted. Whoever changes
 * something sends such a header, with any value; Mailpit does not mind it.
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
