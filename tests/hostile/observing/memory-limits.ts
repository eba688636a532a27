import { serviceNames } from '../../../services/services.ts';

const SERVICE_MB = 512;

/** What a container of each may hold, in megabytes, as docker-compose.yml and deploy/kubernetes say. */
export const memoryLimitsMb: ReadonlyMap<string, number> = new Map([
  ...serviceNames.map((name): [string, number] => [name, SERVICE_MB]),
  ['database', 1_024],
  ['broker', 256],
]);
