export type BrokerAddress = { servers: string[]; user?: string | undefined; password?: string | undefined };

const ADDRESS = /^(?<scheme>[a-z]+:\/\/)?(?:(?<login>.*)@)?(?<rest>[^@]+)$/i;
const SCHEME = /^((nats|tls):\/\/)?$/i;

function isServer(text: string): boolean {
  const url = /[\s\\?#]/.test(text) ? null : URL.parse(`http://${text}`);
  return url !== null && url.pathname === '/' && url.port !== '0';
}

/** Takes user and password, which NATS's client ignores, out of addresses; a mistake never shows them. */
export function readBrokerAddress(addresses: readonly string[]): BrokerAddress | { mistake: string } {
  const parts = addresses.map((address) => ADDRESS.exec(address)?.groups ?? {});
  if (parts.length === 0) return { mistake: 'must name at least one address' };
  const mistaken = parts.some(({ scheme = '', rest = '' }) => !SCHEME.test(scheme) || !isServer(rest));
  if (mistaken) return { mistake: 'must be addresses like nats://host:4222' };
  const servers = parts.map(({ scheme = '', rest = '' }) => `${scheme}${rest}`);
  const [login, ...others] = new Set(parts.flatMap((part) => part.login ?? []));
  if (others.length > 0) return { mistake: 'must name the same user and password in all addresses' };
  if (login === undefined) return { servers };
  const [user = '', ...rest] = login.split(':');
  try {
    const password = rest.length === 0 ? undefined : decodeURIComponent(rest.join(':'));
    return { servers, user: decodeURIComponent(user), password };
  } catch {
    return { mistake: 'must have user and password in URL encoding' };
  }
}
