import {
  createQuartetClient,
  type ItemPublic,
  type ItemsPublic,
  ItemsService,
  UsersService,
  UtilsService,
} from '@quartet/client';
import { expectTypeOf, test } from 'vitest';

const { call } = createQuartetClient();

test('given an operation, then its options and its answer have their types', () => {
  const calls = () => ({
    list: call(ItemsService.readItems),
    page: call(ItemsService.readItems, { query: { limit: 10 } }),
    one: call(ItemsService.readItem, { path: { id: '65f1c0ffee15600d5eed0002' } }),
    health: call(UtilsService.healthCheck),
  });
  type Calls = ReturnType<typeof calls>;
  expectTypeOf<Calls['list']>().resolves.toEqualTypeOf<ItemsPublic>();
  expectTypeOf<Calls['page']>().resolves.toEqualTypeOf<ItemsPublic>();
  expectTypeOf<Calls['one']>().resolves.toEqualTypeOf<ItemPublic>();
  expectTypeOf<Calls['health']>().resolves.toEqualTypeOf<true>();
});

test('given wrong options, then the compiler refuses them', () => {
  const wrong = () => [
    // @ts-expect-error: an item has an id
    call(ItemsService.readItem),
    // @ts-expect-error: the id belongs into the path
    call(ItemsService.readItem, { query: { id: '1' } }),
    // @ts-expect-error: no such field
    call(UsersService.updateUserMe, { body: { fullname: 'Ada' } }),
    // @ts-expect-error: a limit is a number
    call(ItemsService.readItems, { query: { limit: 'ten' } }),
    // @ts-expect-error: it always throws
    call(ItemsService.readItems, { throwOnError: false }),
  ];
  expectTypeOf(wrong).toBeFunction();
});
