/** The NATS client publishes each JetStream request to these subjects; permissions see no body. */
export const api = {
  streamInfo: (stream: string) => `$JS.API.STREAM.INFO.${stream}`,
  streamChange: (stream: string) => [
    `$JS.API.STREAM.CREATE.${stream}`,
    `$JS.API.STREAM.UPDATE.${stream}`,
    `$JS.API.STREAM.INFO.${stream}`,
  ],
  messageGet: (stream: string) => `$JS.API.STREAM.MSG.GET.${stream}`,
  messageDelete: (stream: string) => `$JS.API.STREAM.MSG.DELETE.${stream}`,
  /** Grant it sparingly: the answer goes to any reply subject, so it can carry any stored text anywhere. */
  directGetLast: (stream: string, subject: string) => `$JS.API.DIRECT.GET.${stream}.${subject}`,
  /** The client picks the names of these consumers. */
  drawnConsumer: (stream: string, subject: string) => [
    `$JS.API.CONSUMER.CREATE.${stream}.*.${subject}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
    `$JS.API.CONSUMER.DELETE.${stream}.*`,
  ],
  /** The broker picks its name, so that no other consumer can be changed this way. */
  unnamedConsumer: (stream: string) => [`$JS.API.CONSUMER.CREATE.${stream}`, `$JS.FC.${stream}.>`],
  durableConsumer: (stream: string, name: string) => [
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${name}`,
    `$JS.API.CONSUMER.INFO.${stream}.${name}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`,
    `$JS.ACK.${stream}.${name}.>`,
  ],
};

export const bucket = {
  stream: (name: string) => `KV_${name}`,
  open: (name: string) => api.streamInfo(bucket.stream(name)),
  key: (name: string, key: string) => `$KV.${name}.${key}`,
  read: (name: string) => api.messageGet(bucket.stream(name)),
  /** A client that opened the bucket with `create` reads this way, without the stream's leader. */
  readDirectly: (name: string) => api.directGetLast(bucket.stream(name), bucket.key(name, '>')),
  /** It may delete no consumer: it could delete those of others, and an unread one ends by itself. */
  watch: (name: string) => [
    bucket.open(name),
    `$JS.API.CONSUMER.CREATE.${bucket.stream(name)}.*.${bucket.key(name, '>')}`,
    `$JS.FC.${bucket.stream(name)}.>`,
  ],
};
