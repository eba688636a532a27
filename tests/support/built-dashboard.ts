import { buildDashboard } from '../../tools/dashboard/build-dashboard.ts';

/** Each stack would build it for itself, at the same time, on a fresh checkout. */
export default async function setup(): Promise<void> {
  const built = await buildDashboard({ env: process.env });
  if (typeof built !== 'string') throw new Error(`the dashboard is not built: ${built.failure}`);
}
