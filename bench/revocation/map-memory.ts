import { setImmediate as turn } from 'node:timers/promises';
import { createRevocationMap } from '@quartet/common/tokens/revocations.ts';
import { endWithParent, memoryInUse, say } from '../child.ts';
import { applyEntry, kinds, randomEntry } from './entries.ts';

const [wanted, entries = ''] = process.argv.slice(2);
const kind = kinds.find((one) => one === wanted);
if (!kind) throw new Error(`no entries of ${wanted}`);
const count = Number(entries);
/** So many calls of `forgetExpired` cover all entries. */
const CALLS = Math.ceil(count / 1_000);
const LONG_AGO = 0;
const FAR_AHEAD = 2 ** 31;

endWithParent();
const map = createRevocationMap();
const before = memoryInUse();
let longestPut = 0;
for (let n = 0; n < count; n += 1) {
  const entry = randomEntry(kind);
  const startedAt = performance.now();
  applyEntry(map, entry);
  longestPut = Math.max(longestPut, performance.now() - startedAt);
}
// A process does so every second; until then the map keeps its old tables.
map.forgetExpired(LONG_AGO);
const after = memoryInUse();

/** Returns the longest block of the event loop during the calls. */
async function longestTurn(now: number): Promise<number> {
  let longest = 0;
  for (let call = 0; call < CALLS; call += 1) {
    await turn();
    const startedAt = performance.now();
    map.forgetExpired(now);
    await turn();
    longest = Math.max(longest, performance.now() - startedAt);
  }
  return longest;
}

const nothingOver = await longestTurn(LONG_AGO);
const allOver = await longestTurn(FAR_AHEAD);
const { user, session } = map.size();
if (user + session > 0) throw new Error('not all entries were looked at');
say({
  heapBytes: after.heapUsed - before.heapUsed,
  residentBytes: after.rss - before.rss,
  longestPut,
  nothingOver,
  allOver,
});
