import { serviceNames } from '../../../services/services.ts';

const SERVICE_MB = 512;

/** Megabytes are those of docker-compose.yml and deploy/kubernetes. */
export const memoryLimitsMb: ReadonlyMap<string, number> = new Map([
  ...serviceNames.map((name): [string, number] => [name, SERVICE_MB]),
  ['database', 1_024],
  ['broker', 256],
]);
