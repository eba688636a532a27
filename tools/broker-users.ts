import { brokerUsers } from '@quartet/common/events/permissions.ts';
import { ADMIN, allBrokerUsers, authorizationBlock } from './engines/broker-users.ts';

const variable = (user: string) => `NATS_PASSWORD_${user.toUpperCase()}`;
const references = allBrokerUsers.map((user) => [user, `$${variable(user)}`]);

/** For whoever runs a broker of their own: to be included in, or added to, its configuration. */
console.log(`# The users of Quartet's services (${brokerUsers.join(', ')}) and an operator's (${ADMIN}).
# nats-server takes the passwords from its environment: ${allBrokerUsers.map(variable).join(', ')}.
# A password of digits alone it would read as a number: begin with a letter.
# Made by npm run broker:users; NATS_NAMESPACE counts.
${authorizationBlock(Object.fromEntries(references), process.env.NATS_NAMESPACE || undefined)}`);
