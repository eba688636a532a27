/**
 * The JSON shapes of Mailpit's API v1 (axllent/mailpit, `server/ui/api/v1/swagger.json`), to the letter, so that a real
 * Mailpit can take the catcher's place. Times are RFC 3339 text, sizes are bytes.
 */

/** One mailbox; `Address` is empty when a header holds a name only. */
export type Address = { Name: string; Address: string };

export type MessageSummary = {
  ID: string;
  MessageID: string;
  Read: boolean;
  From: Address;
  To: Address[];
  Cc: Address[];
  Bcc: Address[];
  ReplyTo: Address[];
  Subject: string;
  Created: string;
  Username: string;
  Tags: string[];
  Size: number;
  Attachments: number;
  Snippet: string;
};

/** `messages_*` count what matches, the others the mailbox. */
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

/** `List-Unsubscribe` and `List-Unsubscribe-Post` (RFC 2369, RFC 8058). */
export type ListUnsubscribe = { Header: string; Links: string[]; Errors: string; HeaderPost: string };

export type Message = {
  ID: string;
  MessageID: string;
  From: Address;
  To: Address[];
  Cc: Address[];
  Bcc: Address[];
  ReplyTo: Address[];
  ReturnPath: string;
  Subject: string;
  ListUnsubscribe: ListUnsubscribe;
  Date: string;
  Tags: string[];
  Username: string;
  Text: string;
  HTML: string;
  Size: number;
  Inline: AttachmentSummary[];
  Attachments: AttachmentSummary[];
};

/** Uptime in seconds. */
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
