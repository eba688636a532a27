import { isIPv4, isIPv6 } from 'node:net';
import { hostname } from 'node:os';

const HOST = /^(?:\[([^\]]*)\]|([^:@,\s[\]]+))(?::\d{1,5})?$/;

/** Whether a request's Host header (RFC 9110, 7.2) is one that no foreign page can come with. */
export type HostCheck = (host: string | undefined) => boolean;

/**
 * Tells our own names from foreign ones, for what answers without a login. A page's owner can have its name point at this
 * machine (DNS rebinding), and the browser then lets it read our answers; but the name stays in its Host header. So a name
 * must be `localhost`, one below it (RFC 6761), this machine's, or one of `names`. An address is no name, and nobody but a
 * browser is kept from saying what he likes: probes ask by address, and in HTTP/1.0 with no host at all.
 * @param names more names of ours, without a port
 */
export function knownHosts(names: readonly string[]): HostCheck {
  const known = new Set(['localhost', hostname(), ...names].map(plainName));
  return (host) => {
    if (host === undefined) return true;
    const [, ipv6, name] = HOST.exec(host) ?? [];
    if (ipv6 !== undefined) return isIPv6(ipv6);
    if (name === undefined) return false;
    const plain = plainName(name);
    return isIPv4(plain) || known.has(plain) || plain.endsWith('.localhost');
  };
}

const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');
