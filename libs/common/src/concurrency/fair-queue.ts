/** Where somebody stands: a group takes turns with the other groups, a member with the others of its group. */
export type Place = { group: string; member: string };

/** Those who wait, in the order in which it is their turn. */
export type FairQueue<T> = {
  /** @returns who has to go for it, the new one perhaps; undefined when there is room */
  add(place: Place, one: T): T | undefined;
  /** Takes out whose turn it is, of the groups that may have one now; `size` is how many of the group wait. */
  next(mayHave: (group: string, size: number) => boolean): { group: string; one: T } | undefined;
  /** Whether it was there. */
  remove(place: Place, one: T): boolean;
  size(): number;
};

type Group<T> = { size: number; members: Map<string, T[]> };

/**
 * A line in which groups take turns, and in each its members.
 * @param bounds how many may wait, of one group and in all. Where there is no more room, the latest of the longest goes: in a
 *   group of its longest member, in all of the longest group. So who has little to do gets in.
 */
export function createFairQueue<T>(bounds: { ofGroup: number; inAll: number }): FairQueue<T> {
  // A Map keeps the order in which keys were set: whose turn was last stands last.
  const groups = new Map<string, Group<T>>();
  let size = 0;

  const latestOfLongest = (group: string): Place => {
    const members = groups.get(group)?.members ?? new Map<string, T[]>();
    return { group, member: longest(members, (line) => line.length) };
  };

  function takeOut({ group, member }: Place, find: (line: T[]) => number): T | undefined {
    const found = groups.get(group);
    const line = found?.members.get(member);
    if (!found || !line) return undefined;
    const at = find(line);
    const [one] = at < 0 ? [] : line.splice(at, 1);
    if (one === undefined) return undefined;
    size -= 1;
    found.size -= 1;
    if (line.length === 0) found.members.delete(member);
    if (found.size === 0) groups.delete(group);
    return one;
  }

  const leave = (place: Place): T | undefined => takeOut(place, (line) => line.length - 1);

  return {
    add({ group, member }, one) {
      const to = groups.get(group) ?? { size: 0, members: new Map<string, T[]>() };
      groups.set(group, to);
      const line = to.members.get(member) ?? [];
      to.members.set(member, line);
      line.push(one);
      to.size += 1;
      size += 1;
      if (to.size > bounds.ofGroup) return leave(latestOfLongest(group));
      if (size > bounds.inAll) return leave(latestOfLongest(longest(groups, (each) => each.size)));
      return undefined;
    },
    next(mayHave) {
      for (const [group, { members, size: ofGroup }] of groups) {
        const member = members.keys().next().value;
        if (member === undefined || !mayHave(group, ofGroup)) continue;
        const one = takeOut({ group, member }, () => 0);
        toEnd(members, member);
        toEnd(groups, group);
        return one === undefined ? undefined : { group, one };
      }
      return undefined;
    },
    remove: (place, one) => takeOut(place, (line) => line.indexOf(one)) !== undefined,
    size: () => size,
  };
}

/** The last one, where several are as long: who came last has waited least. */
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
