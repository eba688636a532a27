import type { Applications } from '../routes/measure.ts';
import type { RouteName } from '../routes/names.ts';
import { findPocketbase, startPocketbase } from './pocketbase.ts';
import { findPostgres } from './postgres.ts';
import { findTemplate, startTemplate } from './template.ts';

type Wanted = {
  template: string | undefined;
  postgres: string | undefined;
  pocketbase: string | undefined;
  routes: readonly RouteName[];
};

/** Nothing is started for a wrong path. @throws {UsageError} */
export async function checkApplications({ template, postgres, pocketbase }: Wanted): Promise<void> {
  if (template !== undefined) {
    await findTemplate(template);
    await findPostgres(postgres);
  }
  if (pocketbase !== undefined) await findPocketbase(pocketbase);
}

/** Starts the applications that the options name. */
export async function startApplications(
  { template, postgres, pocketbase, routes }: Wanted,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Applications> {
  return {
    ...(template === undefined
      ? {}
      : { template: await startTemplate({ template, postgres }, routes, resources, signal) }),
    ...(pocketbase === undefined
      ? {}
      : { pocketbase: await startPocketbase(pocketbase, routes, resources, signal) }),
  };
}
