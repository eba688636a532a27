import type { Applications } from '../routes/measure.ts';
import type { RouteName } from '../routes/names.ts';
import { startPocketbase } from './pocketbase.ts';
import { startTemplate } from './template.ts';

type Wanted = {
  template: string | undefined;
  postgres: string | undefined;
  pocketbase: string | undefined;
  routes: readonly RouteName[];
};

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
