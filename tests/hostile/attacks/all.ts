import { answersNobodyReads } from './answers-nobody-reads.ts';
import type { Attack } from './attack.ts';
import { expensiveText } from './expensive-text.ts';
import { hashes } from './hashes.ts';
import { oneUser } from './one-user.ts';
import { slowBodies } from './slow-bodies.ts';

export const attacks: readonly Attack[] = [
  ...answersNobodyReads,
  ...slowBodies,
  ...expensiveText,
  ...hashes,
  ...oneUser,
];

export const attackNames: readonly string[] = [...new Set(attacks.map(familyOf))];

function familyOf({ name }: Attack): string {
  return name.split('/')[0] ?? name;
}

/** The name is that of an attack, or of a file with several. */
export const attacksNamed = (name: string): readonly Attack[] =>
  attacks.filter((attack) => attack.name === name || familyOf(attack) === name);
