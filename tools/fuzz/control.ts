import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Report } from '../engines/index.ts';
import { faults, findingsOfSequences, startFaultyServer } from './faulty-server.ts';
import { findingsOf } from './fuzz-as.ts';
import { runSchemathesis, type Schemathesis } from './run-schemathesis.ts';

const EXAMPLES = 1;

/** Proves with a faulty server that a run can fail; returns what is wrong with the findings. */
export async function control(
  schemathesis: Schemathesis,
  cache: string,
  report: Report,
  signal?: AbortSignal,
): Promise<string[]> {
  const server = await startFaultyServer();
  const { port } = server.address() as AddressInfo;
  const api = `http://127.0.0.1:${port}`;
  const nobody = { id: '-', email: 'nobody@example.com', token: '-' };
  const cast = { caller: 'anonymous' as const, self: undefined, keeper: nobody, bystander: nobody };
  try {
    const folder = join(cache, 'reports', 'control');
    const document = `${api}/openapi.json`;
    const run = {
      cast,
      api,
      document,
      inbox: undefined,
      verifies: false,
      examples: EXAMPLES,
      seed: 1,
      folder,
    };
    const found = findingsOf(await runSchemathesis(schemathesis, run, report, signal));
    const perOperation = Object.entries(faults).map(([name, { findings }]) => ({ name, findings }));
    const expected = [...perOperation, { name: 'Stateful tests', findings: findingsOfSequences }].flatMap(
      ({ name, findings }) => findings.map((finding) => `${name}: ${finding}`),
    );
    const missing = expected.filter((line) => !found.includes(line));
    const surplus = found.filter((line) => !expected.includes(line));
    return [
      ...missing.map((line) => `not found: ${line}`),
      ...surplus.map((line) => `wrongly found: ${line}`),
    ];
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
