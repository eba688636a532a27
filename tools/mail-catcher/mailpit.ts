// These are the exact JSON shapes of Mailpit's API v1. Times are RFC 3339 text, sizes are bytes.

/** `Address` is empty when a header holds only a name. */
export type Address = { Name: string; Address: string };

export type MessageHead = {
  ID: string;
  MessageID: string;
  From: Address;
  To: Address[];
  Cc: Address[];
  Bcc: Address[];
  ReplyTo: Address[];
  Subject: string;
  Username: string;
  Tags: string[];
  Size: number;
};

export type MessageSummary = MessageHead & {
  Read: boolean;
  Created: string;
  Attachments: number;
  Snippet: string;
};

/** `messages_*` count the matches, the others the mailbox. */
export type MessagesSummary = {
  total: number;
  unread: number;
  count: number;
  messages_count: number;
  messages_unread: number;
  start: number;
  tags: string[];
  messages: MessageSummary[];
};

export type AttachmentSummary = {
  PartID: string;
  FileName: string;
  ContentType: string;
  ContentID: string;
  Size: number;
  Checksums: { MD5: string; SHA1: string; SHA256: string };
};

/** The fields are `List-Unsubscribe` and `List-Unsubscribe-Post` (RFC 2369, RFC 8058). */
export type ListUnsubscribe = { Header: string; Links: string[]; Errors: string; HeaderPost: string };

export type Message = MessageHead & {
  ReturnPath: string;
  ListUnsubscribe: ListUnsubscribe;
  Date: string;
  Text: string;
  HTML: string;
  Inline: AttachmentSummary[];
  Attachments: AttachmentSummary[];
};

/** Uptime is in seconds. */
export type AppInformation = {
  Version: string;
  LatestVersion: string;
  Database: string;
  DatabaseSize: number;
  Messages: number;
  Unread: number;
  Tags: Record<string, number>;
  RuntimeStats: {
    Uptime: number;
    Memory: number;
    MessagesDeleted: number;
    SMTPAccepted: number;
    SMTPAcceptedSize: number;
    SMTPRejected: number;
    SMTPIgnored: number;
  };
};
