import { createECDH, createPrivateKey, createPublicKey, hash, hkdfSync, type KeyObject } from 'node:crypto';
import type { PublicJwk } from '@quartet/common/tokens/jwks.ts';
import type { Keys } from '@quartet/common/tokens/verifier.ts';

export type SigningKey = {
  privateKey: KeyObject;
  publicKey: KeyObject;
  jwk: PublicJwk;
  fingerprintKey: Buffer;
  refreshKey: Buffer;
};

const CURVE = 'prime256v1';
/** FIPS 186-5 gives this order of P-256's base point. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SCALAR_BYTES = 32;
/** 16 bytes more than a scalar keep the reduction's bias below 2^-128 (FIPS 186-5, A.2.1). */
const DERIVED_BYTES = 48;

/** The same secret gives the same keys in every replica. */
export function deriveSigningKey(secret: string): SigningKey {
  const derived = deriveSecret(secret, 'quartet signing key 1', DERIVED_BYTES);
  const scalar = (BigInt(`0x${derived.toString('hex')}`) % (ORDER - 1n)) + 1n;
  const d = Buffer.from(scalar.toString(16).padStart(SCALAR_BYTES * 2, '0'), 'hex');
  const ecdh = createECDH(CURVE);
  ecdh.setPrivateKey(d);
  const point = ecdh.getPublicKey();
  const curve = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 1 + SCALAR_BYTES).toString('base64url'),
    y: point.subarray(1 + SCALAR_BYTES).toString('base64url'),
  } as const;
  return {
    privateKey: createPrivateKey({ key: { ...curve, d: d.toString('base64url') }, format: 'jwk' }),
    publicKey: createPublicKey({ key: curve, format: 'jwk' }),
    jwk: { ...curve, kid: thumbprint(curve), alg: 'ES256', use: 'sig' },
    fingerprintKey: deriveSecret(secret, 'quartet link fingerprint 1', SCALAR_BYTES),
    refreshKey: deriveSecret(secret, 'quartet refresh token 1', SCALAR_BYTES),
  };
}

export function ownKeys(keys: SigningKey[]): Keys {
  const byKid = new Map(keys.map(({ jwk, publicKey }) => [jwk.kid, publicKey]));
  return { has: (kid) => byKid.has(kid), find: async (kid) => byKid.get(kid) };
}

/** The result (RFC 5869) reveals neither SECRET_KEY nor the secret of another purpose. */
export function deriveSecret(secret: string, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, bytes));
}

/** RFC 7638 hashes the required members in lexical order. */
function thumbprint({ crv, kty, x, y }: { crv: string; kty: string; x: string; y: string }): string {
  return hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url');
}
