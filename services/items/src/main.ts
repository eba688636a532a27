import { runProcess } from '@quartet/common/process/lifecycle.ts';
import { loadConfig } from './config.ts';
import { startItems } from './service.ts';

await runProcess('items', loadConfig, startItems);
