import { processFields, readConfig } from '@quartet/common/config/config.ts';
import * as z from 'zod';
import { usersFromEnvironment } from './broker-users/engine-users.ts';
import { readOptions, runCommand } from './command-line.ts';

const usage = `Usage: npm run --silent broker:users > FILE

Prints the users of Quartet's services for the configuration of a broker that you run (docs/broker-users.md), made from the
contracts of the events. NATS_NAMESPACE counts, if it is set. The passwords are read by nats-server, from its environment.

  --help    this text`;

const settings = z.object(processFields(0)).pick({ NATS_NAMESPACE: true });

await runCommand('broker:users', {
  usage,
  parseOptions: (argv) => readOptions(argv, {}),
  async run() {
    const { NATS_NAMESPACE } = readConfig(settings, process.env);
    console.log(`# Made by npm run broker:users; NATS_NAMESPACE counts.
${usersFromEnvironment(NATS_NAMESPACE)}`);
    return 0;
  },
});
