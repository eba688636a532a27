import * as z from 'zod';
import type { Log } from '../process/logging.ts';
import { environments } from './fields.ts';

export const DEFAULT_SECRET = 'changethis';

/** Makes a zod check that refuses the named secrets outside `local` when they read "changethis". */
export function refuseDefaultSecrets<E extends { ENVIRONMENT: string }>(names: (keyof E & string)[]) {
  const check = z.check<E>((ctx) => {
    const environment = environments.safeParse(ctx.value.ENVIRONMENT).data ?? 'local';
    if (environment === 'local') return;
    for (const name of defaultSecrets(ctx.value, names)) {
      const message = `must not be "${DEFAULT_SECRET}" when ENVIRONMENT is ${environment}`;
      ctx.issues.push({ code: 'custom', input: undefined, path: [name], message });
    }
  });
  // Without it zod skips the check when a variable is wrong already.
  check._zod.def.when = () => true;
  return check;
}

/** Logs which secrets still read "changethis"; only `local` allows any. */
export function warnOfDefaultSecrets(variables: string[], log: Log): void {
  if (variables.length > 0) log.warn({ variables }, 'secrets still read "changethis"');
}

/** Lists the named secrets that still read "changethis". */
export function defaultSecrets<E>(env: E, names: (keyof E & string)[]): (keyof E & string)[] {
  return names.filter((name) => env[name] === DEFAULT_SECRET);
}
