import { runProcess } from '@quartet/common/process/lifecycle.ts';
import { loadConfig } from './config.ts';
import { startDashboard } from './service.ts';

await runProcess('dashboard', loadConfig, startDashboard);
