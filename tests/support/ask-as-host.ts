import { exchangeRaw, lines } from './raw-http.ts';

/** Returns the status of a GET with this Host header, which a browser takes from the page's URL. */
export async function statusAsHost(url: string, host: string | undefined, path = '/'): Promise<number> {
  // Only HTTP/1.0 allows a request without Host, and no browser uses it.
  const start =
    host === undefined
      ? [`GET ${path} HTTP/1.0`]
      : [`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close'];
  const answer = await exchangeRaw(url, lines(...start));
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

/** An attacker can point some of these names at our machine; the others only look like ours. */
export const FOREIGN_HOSTS = [
  'evil.example',
  'evil.example:9001',
  'localhost.evil.example',
  'evil.localhost.example',
  '127.0.0.1.nip.io',
  '127.0.0.1.evil.example:9001',
  '127.0.0',
  '1.2.3.4.5',
  'notlocalhost',
];

/** RFC 9110, 7.2 does not allow these hosts. */
export const MALFORMED_HOSTS = [
  '[::1].evil.example',
  'localhost@evil.example',
  'localhost, evil.example',
  '[::1',
  '[evil.example]',
  '::1',
  'localhost:x',
  '',
];

export const OWN_HOSTS = [
  '127.0.0.1',
  '127.0.0.1:9001',
  '[::1]:9001',
  '[::1]',
  'localhost',
  'LocalHost:9001',
  'localhost.',
  'inbox.localhost:9001',
  // Probes and Prometheus use the address of a pod or container, whose pages are its own.
  '10.244.1.17:9001',
  '[fd00::17]:9001',
];
