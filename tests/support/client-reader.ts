import {
  createQuartetClient,
  type LiveOptions,
  type LiveState,
  type QuartetClientOptions,
  type SignedOut,
} from '@quartet/client';
import { expect, onTestFinished } from 'vitest';
import { newMember, PASSWORD } from './accounts.ts';
import type { Running } from './services.ts';

export type LiveParts = { auth: Running; gateway: Running };
export type NewReader = Awaited<ReturnType<typeof newReader>>;

/** A user who reads, and what they have seen. */
export async function newReader({ auth, gateway }: LiveParts, options: QuartetClientOptions = {}) {
  const member = await newMember(auth.client);
  const signedOut: SignedOut[] = [];
  const client = createQuartetClient({
    baseUrl: gateway.url,
    onSignedOut: (event) => signedOut.push(event),
    ...options,
  });
  await client.logIn(member.email, PASSWORD);
  onTestFinished(() => client.close());
  const states: LiveState[] = [];
  const ids: string[] = [];
  const resets: string[] = [];
  const live = (more: Partial<LiveOptions> = {}) => {
    const ended = client.live({
      onEvent: (event) => void (event.type.startsWith('item.') && ids.push(event.subject)),
      onReset: (reason) => resets.push(reason),
      onState: (state) => states.push(state),
      ...more,
    });
    ended.catch(() => undefined);
    return ended;
  };
  const opened = (times = 1) =>
    expect.poll(() => states.filter(({ state }) => state === 'open').length).toBe(times);
  const reasons = () => states.flatMap((state) => (state.state === 'waiting' ? state.reason : []));
  return { member, client, signedOut, states, ids, resets, live, opened, reasons };
}
