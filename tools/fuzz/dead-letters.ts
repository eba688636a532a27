import { connect } from '@nats-io/transport-node';
import { brokerAddress } from '@quartet/common/config/fields.ts';

const LETTERS_AN_EXAMPLE = 3;
const AT_LEAST = 50;

export async function makeDeadLetters(broker: string, namespace: string, examples: number): Promise<void> {
  const { servers, user, password: pass } = brokerAddress.parse(broker);
  const connection = await connect({ servers, ...(user && pass ? { user, pass } : {}) });
  const count = Math.max(AT_LEAST, LETTERS_AN_EXAMPLE * examples);
  for (let made = 0; made < count; made += 1) {
    connection.publish(`${namespace}.user.created`, `no envelope ${made}`);
  }
  await connection.drain();
}
