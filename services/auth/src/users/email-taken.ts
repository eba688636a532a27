export class EmailTaken extends Error {
  override name = 'EmailTaken';
}
