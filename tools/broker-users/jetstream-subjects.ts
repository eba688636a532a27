/**
 * What the client publishes for each thing it asks of JetStream, by subject. The subjects carry the names of stream,
 * consumer and key, so a permission can be as narrow as those; what is in a request's body no permission sees.
 */
export const api = {
  streamInfo: (stream: string) => `$JS.API.STREAM.INFO.${stream}`,
  /** Makes a stream, or gives it another configuration. */
  streamChange: (stream: string) => [
    `$JS.API.STREAM.CREATE.${stream}`,
    `$JS.API.STREAM.UPDATE.${stream}`,
    `$JS.API.STREAM.INFO.${stream}`,
  ],
  messageGet: (stream: string) => `$JS.API.STREAM.MSG.GET.${stream}`,
  messageDelete: (stream: string) => `$JS.API.STREAM.MSG.DELETE.${stream}`,
  /**
   * The last message of a subject. It comes as it was written, to whatever reply subject the asker names: whoever can also
   * write into the stream can so say anything anywhere. Not to be given lightly.
   */
  directGetLast: (stream: string, subject: string) => `$JS.API.DIRECT.GET.${stream}.${subject}`,
  /** Makes, reads and removes consumers of a subject or a pattern, whose names the client draws. */
  drawnConsumer: (stream: string, subject: string) => [
    `$JS.API.CONSUMER.CREATE.${stream}.*.${subject}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
    `$JS.API.CONSUMER.DELETE.${stream}.*`,
  ],
  /** Makes and reads one durable pull consumer with several filters, and answers its messages. */
  durableConsumer: (stream: string, name: string) => [
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${name}`,
    `$JS.API.CONSUMER.INFO.${stream}.${name}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`,
    `$JS.ACK.${stream}.${name}.>`,
  ],
};

/** What the client publishes for each thing it does with a key-value bucket. */
export const bucket = {
  stream: (name: string) => `KV_${name}`,
  /** Opens it, and tells how much is in it. */
  open: (name: string) => api.streamInfo(bucket.stream(name)),
  key: (name: string, key: string) => `$KV.${name}.${key}`,
  /** Any key of a bucket that was opened, not made, by the client. */
  read: (name: string) => api.messageGet(bucket.stream(name)),
  /** Any key of a bucket that the client has made or found by `create`, which then reads without the stream's leader. */
  readDirectly: (name: string) => api.directGetLast(bucket.stream(name), bucket.key(name, '>')),
  /**
   * Watches all keys by a consumer whose name the client draws, and says how fast it reads. It deletes none: with that, it
   * could delete everybody's, and one that nobody reads ends by itself.
   */
  watch: (name: string) => [
    bucket.open(name),
    `$JS.API.CONSUMER.CREATE.${bucket.stream(name)}.*.${bucket.key(name, '>')}`,
    `$JS.FC.${bucket.stream(name)}.>`,
  ],
};
