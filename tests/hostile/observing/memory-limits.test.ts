import { expect, test } from 'vitest';
import { serviceNames } from '../../../services/services.ts';
import { textOf } from '../../deploy/read-deploy.ts';
import { memoryLimitsMb } from './memory-limits.ts';

const compose = textOf('docker-compose.yml');
/** A part of the file, from its name to the next line that is no deeper. */
const partOf = (name: string) =>
  new RegExp(`^( {0,2})${name}:(?: &.*)?\\n(?:(?:\\1 .*)?\\n)*`, 'm').exec(compose)?.[0] ?? '';

test.each(serviceNames)('%s has the limit of the containers', (name) => {
  expect(partOf(name)).toContain('*service');
  expect(partOf('x-service')).toContain(`mem_limit: ${memoryLimitsMb.get(name)}m`);
  expect(textOf(`deploy/kubernetes/base/${name}.yaml`)).toContain(
    `limits: { memory: ${memoryLimitsMb.get(name)}Mi }`,
  );
});

test('database and broker have theirs', () => {
  expect(partOf('documentdb')).toContain('mem_limit: 1g');
  expect(memoryLimitsMb.get('database')).toBe(1_024);
  expect(partOf('nats')).toContain(`mem_limit: ${memoryLimitsMb.get('broker')}m`);
});
