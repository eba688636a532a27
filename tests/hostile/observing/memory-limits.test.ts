import { expect, test } from 'vitest';
import { serviceNames } from '../../../services/services.ts';
import { textOf } from '../../deploy/read-deploy.ts';
import { memoryLimitsMb } from './memory-limits.ts';

const compose = textOf('docker-compose.yml');
/** Returns the part of a file from a name to the next line with the same or less indentation. */
const partOf = (name: string) =>
  new RegExp(`^( {0,2})${name}:(?: &.*)?\\n(?:(?:\\1 .*)?\\n)*`, 'm').exec(compose)?.[0] ?? '';

test.each(serviceNames)('given %s, then its limit is that of the containers', (name) => {
  expect(partOf(name)).toContain('*service');
  expect(partOf('x-service')).toContain(`mem_limit: ${memoryLimitsMb.get(name)}m`);
  expect(textOf(`deploy/kubernetes/base/${name}.yaml`)).toContain(
    `limits: { memory: ${memoryLimitsMb.get(name)}Mi }`,
  );
});

test('given database and broker, then their limits are those of the containers', () => {
  expect(partOf('documentdb')).toContain('mem_limit: 1g');
  expect(memoryLimitsMb.get('database')).toBe(1_024);
  expect(partOf('nats')).toContain(`mem_limit: ${memoryLimitsMb.get('broker')}m`);
});
