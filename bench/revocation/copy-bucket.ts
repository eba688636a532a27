import { connectBroker } from '@quartet/common/events/broker/broker.ts';
import { watchRevocations } from '@quartet/common/events/kv/revocation-bucket.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { createRevocationMap } from '@quartet/common/tokens/revocations.ts';
import { endWithParent, memoryInUse, say } from '../child.ts';

/** Each service copies the bucket of revocations like this before it is ready. */
const [url = '', namespace = ''] = process.argv.slice(2);

endWithParent();
const { signal } = new AbortController();
const log = createLog('bench', 'warn');
const broker = await connectBroker({ servers: [url], namespace, name: 'bench', log, signal });
const map = createRevocationMap();
const before = memoryInUse();
const startedAt = performance.now();
await watchRevocations(broker, map, log, signal);
const copyMs = performance.now() - startedAt;
map.forgetExpired(0);
const { user, session } = map.size();
say({ copyMs, entries: user + session, heapBytes: memoryInUse().heapUsed - before.heapUsed });
