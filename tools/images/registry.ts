import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { ImageReference } from './references.ts';

const ANSWER_WITHIN_MS = 20_000;

/** Most tags are a list of manifests for all platforms; the others are a single manifest. */
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const grant = z.union([
  z.object({ token: z.string() }).transform(({ token }) => token),
  z.object({ access_token: z.string() }).transform(({ access_token }) => access_token),
]);

export class RegistryError extends Error {
  override name = 'RegistryError';
}

/** Computes the digest of a tag from its manifest (OCI distribution 1.1). @throws {RegistryError} */
export async function currentDigest(
  { registry, repository, tag }: ImageReference,
  base: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const url = `${base ?? addressOf(registry)}/v2/${repository}/manifests/${tag}`;
  const ask = (url: string, headers: Record<string, string> = {}) =>
    fetch(url, { headers, signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]) }).catch(
      (err: unknown) => {
        throw new RegistryError(`${new URL(url).host} cannot be asked: ${reasonOf(err)}`);
      },
    );
  let answer = await ask(url, { Accept: MANIFESTS });
  const place = answer.status === 401 ? tokenPlace(answer.headers.get('www-authenticate')) : undefined;
  if (place) {
    // Public images need a token, but no login.
    const token = grant.safeParse(await (await ask(place)).json().catch(() => undefined)).data;
    if (token) answer = await ask(url, { Accept: MANIFESTS, Authorization: `Bearer ${token}` });
  }
  if (!answer.ok) throw new RegistryError(`${url} answered ${answer.status}`);
  const manifest = Buffer.from(await answer.arrayBuffer());
  const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
  const said = answer.headers.get('docker-content-digest');
  if (said !== null && said !== digest)
    throw new RegistryError(`${url} is ${digest}, not ${said} as it says`);
  return digest;
}

/** Docker Hub's registry has another name than its images; a registry on this machine uses plain HTTP. */
function addressOf(registry: string): string {
  if (registry === 'docker.io') return 'https://registry-1.docker.io';
  return `${/^(localhost|127\.|\[::1\])/.test(registry) ? 'http' : 'https'}://${registry}`;
}

/** Returns the URL that issues tokens (RFC 6750, and Docker's token authentication). */
function tokenPlace(challenge: string | null): string | undefined {
  if (!/^bearer /i.test(challenge ?? '')) return undefined;
  const { realm, ...rest } = Object.fromEntries(
    [...(challenge ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name ?? '', value ?? '']),
  );
  return realm && URL.canParse(realm) ? `${realm}?${new URLSearchParams(rest)}` : undefined;
}

function reasonOf(err: unknown): string {
  if (!(err instanceof Error)) return String(err);
  return err.cause instanceof Error ? err.cause.message : err.message;
}
