import { buildDashboard } from './dashboard/build-dashboard.ts';

const built = await buildDashboard({
  env: process.env,
  onStale: () => console.log('building the dashboard'),
});
if (typeof built === 'string') console.log(`the dashboard is ${built}: clients/dashboard/dist`);
else {
  console.error(built.failure);
  process.exitCode = 1;
}
