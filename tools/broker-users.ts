import { readOptions, runCommand } from './command-line.ts';
import { usersFromEnvironment } from './engines/broker-users.ts';

const usage = `Usage: npm run --silent broker:users > FILE

Prints the users of Quartet's services for the configuration of a broker that you run (docs/broker-users.md), made from the
contracts of the events. NATS_NAMESPACE counts, if it is set. The passwords are read by nats-server, from its environment.

  --help    this text`;

await runCommand('broker:users', {
  usage,
  parseOptions: (argv) => readOptions(argv, {}),
  async run() {
    console.log(`# Made by npm run broker:users; NATS_NAMESPACE counts.
${usersFromEnvironment(process.env.NATS_NAMESPACE || undefined)}`);
    return 0;
  },
});
