/** Browsers send it to these paths only. */
const PATH = '/api/v1/sessions';
const NAME = 'quartet_refresh';

/** `lifeSeconds` is how long the browser keeps it. A plain connection to this machine needs no `Secure` (RFC 6265, 5.2.5). */
export function refreshCookie(token: string, lifeSeconds: number, ownOrigin: string): string {
  const secure = isPlainLoopback(ownOrigin) ? '' : '; Secure';
  return `${NAME}=${token}; Max-Age=${lifeSeconds}; Path=${PATH}; HttpOnly; SameSite=Strict${secure}`;
}

export const clearedCookie = (ownOrigin: string): string => refreshCookie('', 0, ownOrigin);

/** Returns the token in a Cookie header; null when two differ, as another page of the site may have set one. */
export function readRefreshCookie(header: string | undefined): string | null | undefined {
  const found = new Set(
    (header ?? '')
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${NAME}=`))
      .map((pair) => pair.slice(NAME.length + 1)),
  );
  const [first, ...others] = found;
  return others.length > 0 ? null : first || undefined;
}

const LOOPBACK = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether an origin is http at a loopback address, which no network can read along. */
function isPlainLoopback(origin: string): boolean {
  const url = URL.parse(origin);
  return url?.protocol === 'http:' && LOOPBACK.test(url.hostname);
}
