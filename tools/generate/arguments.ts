import { readOptions } from '../command-line.ts';

export const usage = `Usage: npm run generate -- [options]

Starts a stack on ports and data of its own, and generates from what it says of itself:

  docs/openapi.json        the HTTP API
  docs/asyncapi.json       the events
  clients/typescript/src   the TypeScript client

Event schemas that are not published yet are published too (tools/contracts/published).

  --check   write nothing; name every file that is not what would be generated
  --help    this text

Exit code: 0, 1 when --check found something or nothing could be generated, 2 for a wrong command line,
130 after Ctrl-C.`;

export function parseArguments(argv: string[]): { help: boolean; check: boolean } {
  return readOptions(argv, { check: { type: 'boolean', default: false } });
}
