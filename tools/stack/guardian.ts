import { guard } from './guard.ts';

// Only a process that outlives the launcher can clean up after kill -9.
const GRACE_MS = 6000;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
const [file = '', launcher = ''] = process.argv.slice(2);
await guard(process.stdin, { file, launcher }, GRACE_MS);
process.exit(0);
