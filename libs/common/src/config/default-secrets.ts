import * as z from 'zod';
import type { Log } from '../process/logging.ts';
import { environments } from './fields.ts';

/** What examples have in place of a secret. */
export const DEFAULT_SECRET = 'changethis';

/**
 * A zod check for a whole configuration: none of the named secrets may read "changethis" outside `local`.
 * There it is allowed; `defaultSecrets` lists them for the warning.
 */
export function refuseDefaultSecrets<E extends { ENVIRONMENT: string }>(names: (keyof E & string)[]) {
  const check = z.check<E>((ctx) => {
    const environment = environments.safeParse(ctx.value.ENVIRONMENT).data ?? 'local';
    if (environment === 'local') return;
    for (const name of defaultSecrets(ctx.value, names)) {
      const message = `must not be "${DEFAULT_SECRET}" when ENVIRONMENT is ${environment}`;
      ctx.issues.push({ code: 'custom', input: undefined, path: [name], message });
    }
  });
  // Without it zod leaves the check out when a single variable is wrong already.
  check._zod.def.when = () => true;
  return check;
}

/** Logs at start which secrets still read "changethis"; only `local` allows any. */
export function warnOfDefaultSecrets(variables: string[], log: Log): void {
  if (variables.length > 0) log.warn({ variables }, 'secrets still read "changethis"');
}

/** Which of the named secrets still read "changethis". */
export function defaultSecrets<E>(env: E, names: (keyof E & string)[]): (keyof E & string)[] {
  return names.filter((name) => env[name] === DEFAULT_SECRET);
}
