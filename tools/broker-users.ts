import { usersFromEnvironment } from './engines/broker-users.ts';

/** For whoever runs a broker of their own: to be included in, or added to, its configuration. */
console.log(`# Made by npm run broker:users; NATS_NAMESPACE counts.
${usersFromEnvironment(process.env.NATS_NAMESPACE || undefined)}`);
