import * as z from 'zod';
import type { Caller } from './arguments.ts';
import type { Call } from './read-reports.ts';

/** OpenAPI cannot express these without OAuth2 scopes. */
const SUPERUSER_ONLY =
  /^(GET|POST) \/users\/$|^GET \/status\/$|^(PUT|PATCH|DELETE) \/users\/\{user_id\}$|^\w+ \/users\/\{user_id\}\/sessions$|^POST \/(utils\/test-email|password-recovery-html-content)\/|^\w+ \/(emails|dead-letters)\//;
/** The contract forbids a superuser to delete itself. */
const NOT_FOR_SUPERUSERS = /^DELETE \/users\/me$/;

export type Operation = {
  method: string;
  path: string;
  name: string;
  needsToken: boolean;
  takesInput: boolean;
};

const operation = z.object({
  security: z.array(z.unknown()).default([]),
  parameters: z.array(z.unknown()).default([]),
  requestBody: z.unknown().optional(),
});
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

export function operationsOf(json: unknown): Operation[] {
  return Object.entries(document.parse(json).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([key, { security, parameters, requestBody }]) => {
      const method = key.toUpperCase();
      const needsToken = security.length > 0;
      return {
        method,
        path,
        name: `${method} ${path.replace(/^\/api\/v1/, '')}`,
        needsToken,
        takesInput: needsToken || parameters.length > 0 || requestBody !== undefined,
      };
    }),
  );
}

export function mayEnter(caller: Caller, { name, needsToken }: Operation): boolean {
  if (caller === 'anonymous') return !needsToken;
  return !(caller === 'user' ? SUPERUSER_ONLY : NOT_FOR_SUPERUSERS).test(name);
}

/** Proves that calls succeeded: with a dead token or unfit data there are no findings either. */
export function judgeReach(
  caller: Caller,
  operations: Operation[],
  calls: Call[],
  examples: number,
): { reached: number; problems: string[] } {
  let reached = 0;
  const problems: string[] = [];
  for (const operation of operations) {
    const answers = calls.filter(
      ({ method, path }) => method === operation.method && path === operation.path,
    );
    const succeeded = answers.some(({ status }) => status >= 200 && status < 300);
    const count = answers.reduce((sum, answer) => sum + answer.count, 0);
    const seen = answers.map(({ status, count }) => `${count} times ${status}`).join(', ') || 'not called';
    if (succeeded) reached += 1;
    if (operation.takesInput && count < examples) problems.push(`${operation.name}: only ${count} calls`);
    if (succeeded !== mayEnter(caller, operation))
      problems.push(`${operation.name}: ${succeeded ? 'let in' : 'never succeeded'} (${seen})`);
  }
  return { reached, problems };
}
