import { pino } from 'pino';
import { readConfig } from './config.ts';
import { createMailCatcher } from './mail-catcher.ts';

const log = pino({ base: { name: 'mail' } });

try {
  const catcher = createMailCatcher(readConfig(process.env), log);
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    await catcher.stop();
    log.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // A parent that opened an IPC channel and died sends no signal.
  if (process.connected) process.on('disconnect', stop);
  await catcher.start();
} catch (err) {
  log.fatal(err instanceof Error ? err.message : String(err));
  process.exit(1);
}
