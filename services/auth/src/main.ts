import { runProcess } from '@quartet/common/process/lifecycle.ts';
import { loadConfig } from './config.ts';
import { startAuth } from './service.ts';

await runProcess('auth', loadConfig, startAuth);
