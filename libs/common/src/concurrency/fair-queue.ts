/** Groups are served in rotation, and so are the members within a group. */
export type Place = { group: string; member: string };

export type FairQueue<T> = {
  /** @returns the item that is dropped to make room, which may be the new one */
  add(place: Place, item: T): T | undefined;
  /** @param mayRun receives a group and how many of its items wait */
  next(mayRun: (group: string, size: number) => boolean): { group: string; item: T } | undefined;
  remove(place: Place, item: T): boolean;
  size(): number;
};

type Group<T> = { size: number; members: Map<string, T[]> };

/** Creates a queue that, when full, drops the latest item of the member with the most waiting items. */
export function createFairQueue<T>(bounds: { ofGroup: number; inAll: number }): FairQueue<T> {
  // A Map keeps its insertion order: the group that was served last is last.
  const groups = new Map<string, Group<T>>();
  let size = 0;

  const latestOfLongest = (group: string): Place => {
    const members = groups.get(group)?.members ?? new Map<string, T[]>();
    return { group, member: longest(members, (items) => items.length) };
  };

  function takeOut({ group, member }: Place, find: (items: T[]) => number): T | undefined {
    const found = groups.get(group);
    const items = found?.members.get(member);
    if (!found || !items) return undefined;
    const at = find(items);
    const [item] = at < 0 ? [] : items.splice(at, 1);
    if (item === undefined) return undefined;
    size -= 1;
    found.size -= 1;
    if (items.length === 0) found.members.delete(member);
    if (found.size === 0) groups.delete(group);
    return item;
  }

  const dropLast = (place: Place): T | undefined => takeOut(place, (items) => items.length - 1);

  return {
    add({ group, member }, item) {
      const to = groups.get(group) ?? { size: 0, members: new Map<string, T[]>() };
      groups.set(group, to);
      const items = to.members.get(member) ?? [];
      to.members.set(member, items);
      items.push(item);
      to.size += 1;
      size += 1;
      if (to.size > bounds.ofGroup) return dropLast(latestOfLongest(group));
      if (size > bounds.inAll) return dropLast(latestOfLongest(longest(groups, (each) => each.size)));
      return undefined;
    },
    next(mayRun) {
      for (const [group, { members, size: ofGroup }] of groups) {
        const member = members.keys().next().value;
        if (member === undefined || !mayRun(group, ofGroup)) continue;
        const item = takeOut({ group, member }, () => 0);
        toEnd(members, member);
        toEnd(groups, group);
        return item === undefined ? undefined : { group, item };
      }
      return undefined;
    },
    remove: (place, item) => takeOut(place, (items) => items.indexOf(item)) !== undefined,
    size: () => size,
  };
}

/** Of equal lengths, the last one is returned, since it has waited least. */
function longest<V>(map: Map<string, V>, length: (value: V) => number): string {
  let found = '';
  let most = 0;
  for (const [key, value] of map) {
    if (length(value) < most) continue;
    found = key;
    most = length(value);
  }
  return found;
}

function toEnd<V>(map: Map<string, V>, key: string): void {
  const value = map.get(key);
  if (value === undefined) return;
  map.delete(key);
  map.set(key, value);
}
