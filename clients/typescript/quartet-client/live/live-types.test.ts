import { createQuartetClient, type LiveEvent } from '@quartet/client';
import { expectTypeOf, test } from 'vitest';

const { live } = createQuartetClient();

test('given an event, when its type is compared, then its data has the fields of the contract', () => {
  const read = () =>
    live({
      onEvent(event) {
        expectTypeOf(event).toEqualTypeOf<LiveEvent>();
        if (event.type === 'item.updated') {
          expectTypeOf(event.data.changed).toEqualTypeOf<string[]>();
          expectTypeOf(event.data.owner_id).toEqualTypeOf<string>();
          // @ts-expect-error: an event about an item has no address
          return void event.data.email;
        }
        if (event.type === 'password.changed') {
          expectTypeOf(event.data.by).toEqualTypeOf<'owner' | 'link' | 'admin'>();
        }
        // @ts-expect-error: there is no such event
        if (event.type === 'item.made') return;
        // @ts-expect-error: not every event is about an item
        return void event.data.item_id;
      },
      onReset: (reason) => expectTypeOf(reason).toBeString(),
    });
  expectTypeOf(read).returns.resolves.toBeVoid();
});

test('given wrong options, then the compiler refuses them', () => {
  const wrong = () => [
    // @ts-expect-error: it needs to know what to do with an event
    live({}),
    // @ts-expect-error: the id is the text that came with an event
    live({ onEvent: () => undefined, lastEventId: 1 }),
  ];
  expectTypeOf(wrong).toBeFunction();
});
