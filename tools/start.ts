import { join, resolve } from 'node:path';
import { launch } from './stack/launch.ts';

const root = resolve(import.meta.dirname, '..');

process.exit(
  await launch(process.argv.slice(2), {
    env: process.env,
    signals: process,
    stdout: process.stdout,
    stderr: process.stderr,
    programs: {
      root,
      services: join(root, 'services'),
      mailCatcher: join(root, 'tools', 'mail-catcher', 'main.ts'),
    },
  }),
);
