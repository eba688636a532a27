import { expect, test } from 'vitest';
import { createRename, identifiersIn } from './rename.ts';

const rename = createRename({ plural: 'time-entries', singular: 'time-entry' }, 8004);

test.each([
  ['a variable', 'const item = await items.findOne(id);', 'const timeEntry = await timeEntries.findOne(id);'],
  ['names made of it', 'itemRoutes(newItem, ITEM_ID)', 'timeEntryRoutes(newTimeEntry, TIME_ENTRY_ID)'],
  ['a field', '{ item_id: 1 }', '{ time_entry_id: 1 }'],
  ['a path', "'/items/{id}'", "'/time-entries/{id}'"],
  ['a path with a value', `\`/items/\${item.id}\``, `\`/time-entries/\${timeEntry.id}\``],
  ['a file', "import './item-store.ts';", "import './time-entry-store.ts';"],
  ['an event', "'item.created'", "'time-entry.created'"],
  ['a name of a service', "'items'", "'time-entries'"],
  ['an operation', "'items-read_items'", "'time-entries-read_time_entries'"],
  ['a schema', "id: 'ItemsPublic'", "id: 'TimeEntriesPublic'"],
  ['the beginning of a sentence', "'Item not found'", "'Time entry not found'"],
  ['the middle of one', "'Invalid item ID format'", "'Invalid time entry ID format'"],
  ['an article', "'An item was made.'", "'A time entry was made.'"],
  [
    'a comment',
    '// An item that items has; of an item',
    '// A time entry that time entries has; of a time entry',
  ],
  ['a type in a comment', '/** An {@link Item}. */', '/** An {@link TimeEntry}. */'],
  ['its row', 'typeof services.items', "typeof services['time-entries']"],
  ['its ports', 'port: 8002, privatePort: 9002', 'port: 8004, privatePort: 9004'],
  ['other words', "itemize('emitem')", "itemize('emitem')"],
])('given %s in code, then it is renamed as such', (_, before, after) => {
  expect(rename(before, 'code')).toBe(after);
});

test('given a name that begins with a vowel, then its article is that of items', () => {
  const other = createRename({ plural: 'orders', singular: 'order' }, 8004);
  expect(other("// An item; a ITEM, 'an item'", 'code')).toBe("// An order; a ORDER, 'an order'");
});

test('given a file that is no code, then names are not changed in case', () => {
  expect(rename('  items:\n    ITEMS_URL: http://items:8002\n', 'data')).toBe(
    '  time-entries:\n    TIME_ENTRIES_URL: http://time-entries:8004\n',
  );
  expect(rename('### Get an item\nGET {{api}}/items/{{item_id}}\n', 'data')).toBe(
    '### Get a time-entry\nGET {{api}}/time-entries/{{time_entry_id}}\n',
  );
});

test('given code, then names in texts, in comments and of members are not identifiers', () => {
  expect(identifiersIn("// note\nconst item = 'notes' + a.memo;")).toEqual(new Set(['const', 'item', 'a']));
});
