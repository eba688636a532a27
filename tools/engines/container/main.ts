import { broker } from '../broker.ts';
import { database } from '../database.ts';
import { runContainer } from './run-container.ts';

const [role, dataDir = '', port] = process.argv.slice(2);
const { docker } = role === 'database' ? database : broker;
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
try {
  process.exitCode = await runContainer(docker.container(dataDir), {
    port: Number(port),
    readyLine: docker.readyLine,
    write: (line) => void process.stdout.write(`${line}\n`),
    signal: stop.signal,
  });
} catch (err) {
  process.stderr.write(`${err instanceof Error ? err.message : err}\n`);
  process.exitCode = 1;
}
// testcontainers' reaper keeps a connection open, and removes the containers when it closes.
process.exit();
