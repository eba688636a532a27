import { guard } from './guard.ts';

// A process of its own that outlives the launcher: nothing else can clean up after kill -9.
const GRACE_MS = 6000;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
const [file = '', launcher = ''] = process.argv.slice(2);
await guard(process.stdin, { file, launcher }, GRACE_MS);
process.exit(0);
