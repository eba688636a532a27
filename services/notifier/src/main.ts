import { runProcess } from '@quartet/common/process/lifecycle.ts';
import { loadConfig } from './config.ts';
import { startNotifier } from './service.ts';

await runProcess('notifier', loadConfig, startNotifier);
