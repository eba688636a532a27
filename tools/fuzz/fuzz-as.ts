import { join } from 'node:path';
import * as z from 'zod';
import type { Report } from '../engines/index.ts';
import type { Caller, FuzzOptions } from './arguments.ts';
import { countDeadLetters, damageTo, prepareCast } from './callers.ts';
import { judgeReach, operationsOf } from './reach.ts';
import { countCalls, type RunResult, runSchemathesis, type Schemathesis } from './run-schemathesis.ts';

/** No call makes a dead letter: without one, these cannot succeed. */
const ONE_DEAD_LETTER = /^\w+ \/dead-letters\/\{id\}/;

/** Their tokens are only in e-mails. */
const UNDOES = 'POST /users/undo-email-change';
const VERIFIES = 'POST /users/verify-email';

export type Outcome = {
  caller: Caller;
  calls: number;
  seconds: number;
  operations: number;
  reached: number;
  /** Each finding, omission or failure of the run itself is one line. */
  problems: string[];
  /** It is schemathesis's text, with the command that reproduces each finding. */
  details: string;
};

export async function fuzzAs(
  caller: Caller,
  origin: string,
  options: Pick<FuzzOptions, 'examples' | 'seed' | 'admin' | 'inbox'> & { verifies: boolean },
  schemathesis: Schemathesis,
  cache: string,
  report: Report,
  signal?: AbortSignal,
): Promise<Outcome> {
  const { examples, seed, admin, inbox, verifies } = options;
  const api = `${origin}/api/v1`;
  const document = `${api}/openapi.json`;
  const operations = operationsOf(z.unknown().parse(await (await fetch(document)).json()));
  const cast = await prepareCast(api, caller, admin);
  const folder = join(cache, 'reports', caller);
  const result = await runSchemathesis(
    schemathesis,
    { cast, api, document, inbox, verifies, examples, seed, folder },
    report,
    signal,
  );
  const lettersLeft = await countDeadLetters(cast, api);
  const reachable = operations.filter(({ name }) => {
    if (name === UNDOES) return inbox !== undefined;
    if (name === VERIFIES) return inbox !== undefined && verifies;
    return lettersLeft > 0 || !ONE_DEAD_LETTER.test(name);
  });
  const { reached, problems } = judgeReach(caller, reachable, result.calls, examples);
  const damage = await damageTo(cast, api);
  return {
    caller,
    calls: countCalls(result.calls),
    seconds: result.seconds,
    operations: operations.length,
    reached,
    problems: [...findingsOf(result), ...problems, ...(damage === undefined ? [] : [damage])],
    details: detailsOf(result.output),
  };
}

export function findingsOf({ exitCode, findings }: Pick<RunResult, 'exitCode' | 'findings'>): string[] {
  const found = [
    ...findings.failures.map(({ operation, title }) => `${operation}: ${title}`),
    ...findings.gaps,
  ];
  if (exitCode !== 0 && found.length === 0)
    found.push(`schemathesis ended with ${exitCode}: see its warnings`);
  return found;
}

export function detailsOf(output: string): string {
  const [, details = ''] = /^(=+ (?:ERRORS|FAILURES) =+\n.*?)^=+ SUMMARY =+$/ms.exec(output) ?? [];
  return details.trimEnd();
}
