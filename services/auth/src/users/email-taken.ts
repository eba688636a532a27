/** Thrown when a write would give two users one address. */
export class EmailTaken extends Error {
  override name = 'EmailTaken';
}
