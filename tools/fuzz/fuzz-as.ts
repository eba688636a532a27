import { join } from 'node:path';
import * as z from 'zod';
import type { Report } from '../engines/index.ts';
import type { Caller, FuzzOptions } from './arguments.ts';
import { countDeadLetters, damageTo, prepareCast } from './callers.ts';
import { judgeReach, operationsOf } from './reach.ts';
import { countCalls, type RunResult, runSchemathesis, type Schemathesis } from './run-schemathesis.ts';

/** No call makes a dead letter: without one, these cannot succeed. */
const ONE_DEAD_LETTER = /^\w+ \/dead-letters\/\{id\}/;

/** Its token is only in an e-mail. */
const FROM_THE_INBOX = 'POST /users/undo-email-change';

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
  { examples, seed, admin, inbox }: Pick<FuzzOptions, 'examples' | 'seed' | 'admin' | 'inbox'>,
  schemathesis: Schemathesis,
  cache: string,
  report: Report,
  signal?: AbortSignal,
): Promise<Outcome> {
  const api = `${origin}/api/v1`;
  const document = `${api}/openapi.json`;
  const operations = operationsOf(z.unknown().parse(await (await fetch(document)).json()));
  const cast = await prepareCast(api, caller, admin);
  const folder = join(cache, 'reports', caller);
  const result = await runSchemathesis(
    schemathesis,
    { cast, api, document, inbox, examples, seed, folder },
    report,
    signal,
  );
  const lettersLeft = await countDeadLetters(cast, api);
  const reachable = operations.filter(({ name }) =>
    name === FROM_THE_INBOX ? inbox !== undefined : lettersLeft > 0 || !ONE_DEAD_LETTER.test(name),
  );
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
