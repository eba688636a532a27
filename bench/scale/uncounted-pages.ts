import { openAliveList } from '@quartet/common/database/alive-list.ts';
import { openCursors } from '@quartet/common/lists/cursors.ts';
import { openSortedList } from '@quartet/common/lists/sorted-list.ts';
import type { Db } from 'mongodb';
import type { Item } from '../../services/items/src/item-store.ts';
import { wordsOf } from '../../services/items/src/item-words.ts';
import { itemQuery } from '../../services/items/src/schemas.ts';
import type { Filled } from './fill.ts';
import { DEEP, deepPlace, MOST_TIMES, SORTS } from './list-operations.ts';
import type { Operation } from './operation.ts';

const STATE = 'items_state';

/** Everybody's pages as the service reads them, without the exact count and without HTTP: they say which of both grows. */
export function uncountedPages(db: Db, filled: Filled): Operation[] {
  const open = async () => {
    const collection = db.collection<Item>('items');
    const everybodys = await openAliveList(db, collection, STATE);
    const uncounted = { read: everybodys.read, count: async () => 0 };
    return openSortedList<Item>({ db, collection, everybodys: uncounted, stateName: STATE, wordsOf });
  };
  const page = (name: string, sort: string, isDeep: boolean): Operation => ({
    ...{ name: `${name} of everybody's items without count, sort=${sort}`, mostTimes: MOST_TIMES },
    bounded: 'documentdb',
    async prepare(count) {
      const [list, cursors] = [await open(), await openCursors(db, STATE)];
      const place = isDeep ? deepPlace(sort, [...filled.itemIds.keys()], filled) : undefined;
      const query = itemQuery.parse({
        sort,
        ...(place ? { cursor: cursors.seal(place, [sort, null]) } : {}),
      });
      return Array.from({ length: count }, () => () => list.page({ prefix: {}, query, scope: [] }));
    },
  });
  return [
    ...SORTS.map((sort) => page('first page', sort, false)),
    ...SORTS.map((sort) => page(`page at ${100 * DEEP} %, by cursor,`, sort, true)),
  ];
}
