import { expect } from 'vitest';
import type { Answer, Client } from './client.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { type Running, runAuth } from './services.ts';
import type { Testbed } from './testbed.ts';

export type LimitedAuth = { replicas: [Running, Running]; clock: FakeClock };

/** The test's own address is a trusted proxy, so that each test can choose its callers. */
export async function runLimitedAuth(
  bed: Testbed,
  env: Record<string, string> = {},
  limitsWaitMs?: number,
): Promise<LimitedAuth> {
  const clock = createFakeClock();
  const all = { RATE_LIMITS: 'on', TRUSTED_PROXIES: '127.0.0.1', ...env };
  const run = () => runAuth(bed, all, clock, limitsWaitMs);
  return { replicas: [await run(), await run()], clock };
}

let made = 0;

export function newAddress(): string {
  made += 1;
  return `198.51.${Math.floor(made / 250)}.${(made % 250) + 1}`;
}

export const tryPassword = (
  client: Client,
  username: string,
  password: string,
  address = newAddress(),
): Promise<Answer> =>
  client('POST', '/login/access-token', {
    form: { username, password },
    headers: { 'x-forwarded-for': address },
  });

/** Checks the contract's 429; returns `Retry-After` in seconds. */
export function expectTooMany({ status, headers, body }: Answer): number {
  expect({ status, body }).toEqual({ status: 429, body: { detail: 'Too many requests' } });
  const seconds = headers.get('retry-after') ?? '';
  expect(seconds).toMatch(/^[1-9]\d*$/);
  return Number(seconds);
}
