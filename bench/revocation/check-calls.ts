import { createAuthorize } from '@quartet/common/tokens/access.ts';
import type { Access } from '@quartet/common/tokens/caller.ts';
import { createRevocationMap } from '@quartet/common/tokens/revocations.ts';
import { endWithParent, say } from '../child.ts';
import { fillMap } from './entries.ts';
import { makeTokens } from './tokens.ts';

/** It measures nanoseconds per check with a cached token, without HTTP. */
const [entries = ''] = process.argv.slice(2);

const TOKENS = 1_000;
const CALLS = 10_000;
const ROUNDS = 40;
const WARM_UP = 5;

endWithParent();
const { headers, verifier } = makeTokens(TOKENS);
const full = createRevocationMap();
fillMap(full, Number(entries));
const withNone = createAuthorize(verifier, createRevocationMap());
const withMany = createAuthorize(verifier, full);

const sides: [name: 'none' | 'empty' | 'full', authorize: typeof withNone, access: Access][] = [
  ['none', withNone, 'anyone'],
  ['empty', withNone, 'user'],
  ['full', withMany, 'user'],
];
const nanoseconds: Record<(typeof sides)[number][0], number[]> = { none: [], empty: [], full: [] };
for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
  for (const [name, authorize, access] of sides) {
    const startedAt = performance.now();
    for (let call = 0; call < CALLS; call += 1) await authorize(access, headers[call % TOKENS]);
    const took = ((performance.now() - startedAt) * 1e6) / CALLS;
    if (round >= WARM_UP) nanoseconds[name].push(took);
  }
}
say(nanoseconds);
