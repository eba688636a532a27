import { useEffect, useState } from 'react';
import { useLive } from '#lib/live.ts';
import { ownItems } from './create-item.ts';
import { isGone, readItem } from './item.ts';
import { useItemsCache } from './items.ts';

type News = { created: readonly string[]; changed: ReadonlySet<string>; gone: ReadonlySet<string> };
const NOTHING: News = { created: [], changed: new Set(), gone: new Set() };

const MARKED_MS = 4_000;

const add = (set: ReadonlySet<string>, id: string): ReadonlySet<string> => new Set(set).add(id);
const without = (set: ReadonlySet<string>, id: string): ReadonlySet<string> => {
  const rest = new Set(set);
  rest.delete(id);
  return rest;
};

/** What others do to the items of a list: `created` elsewhere, `changed` a moment ago, or `gone`. */
export function useLiveItems(shown: ReadonlyMap<string, { updated_at: string }>, view: string) {
  const { replace, reload } = useItemsCache();
  const [news, setNews] = useState(NOTHING);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each view begins without news
  useEffect(() => setNews(NOTHING), [view]);

  const change = (next: (news: News) => Partial<News>) =>
    setNews((before) => ({ ...before, ...next(before) }));
  const markGone = (id: string) =>
    change(({ gone, created }) => ({
      gone: shown.has(id) ? add(gone, id) : gone,
      created: created.filter((each) => each !== id),
    }));

  async function update(id: string): Promise<void> {
    try {
      const { value } = await readItem(id);
      // It is this page’s own change.
      if (shown.get(id)?.updated_at === value.updated_at) return;
      replace(value);
      change(({ changed }) => ({ changed: add(changed, id) }));
      setTimeout(() => change(({ changed }) => ({ changed: without(changed, id) })), MARKED_MS);
    } catch (err) {
      if (isGone(err)) markGone(id);
    }
  }

  useLive(({ type, data }) => {
    if (type === 'reset') void reload();
    else if (type === 'item.updated' && shown.has(data.item_id)) void update(data.item_id);
    else if (type === 'item.deleted') markGone(data.item_id);
    else if (type === 'item.created' && !shown.has(data.item_id)) {
      const id = data.item_id;
      change(({ created }) => ({ created: created.includes(id) ? created : [...created, id] }));
    }
  });

  return {
    ...news,
    created: news.created.filter((id) => !shown.has(id) && !ownItems.has(id)),
    forget: () => setNews(NOTHING),
  };
}
