import { runProcess } from '@quartet/common/process/lifecycle.ts';
import { loadConfig } from './config.ts';
import { startGateway } from './service.ts';

await runProcess('gateway', loadConfig, startGateway);
