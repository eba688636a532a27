import type { StatusPublic } from '@quartet/client';

type Part = StatusPublic['unanswered'][number]['part'];

const parts: Record<Part, (service: string) => string> = {
  broker: () => 'The broker does not answer: only this gateway could be asked.',
  service: (service) => `No replica of ${service} answers.`,
  replica: (service) => `A replica of ${service} does not answer.`,
  outbox: (service) => `The outbox of ${service} could not be read.`,
  consumer: (service) => `The events that wait for ${service} could not be counted.`,
  emails: () => 'The e-mails could not be counted.',
  dead_letters: () => 'The dead letters could not be counted.',
  documents: (service) => `What ${service} keeps could not be counted.`,
};

export const overviewTexts = {
  title: 'Overview',
  allWell: 'Everything is up, and nothing waits for long.',
  attention: 'This needs attention',
  notReady: (service: string, reason: string) => `${service} is not ready: ${reason}.`,
  note: (service: string, note: string) => `${service}: ${note}.`,
  deadLetters: (n: number) =>
    n === 1 ? 'One dead letter waits for a decision.' : `${n} dead letters wait for a decision.`,
  slow: (name: string, age: string) => `${name}: the oldest has waited ${age}.`,
  parts,
  up: 'What is up',
  upCaption: 'The replicas of all services',
  service: 'Service',
  state: 'State',
  ready: 'Ready',
  unready: 'Not ready',
  silent: 'No answer',
  none: 'No replica',
  version: 'Version',
  replica: 'Replica',
  since: 'Started',
  waits: 'What waits',
  waitsCaption: 'What waits, with the age of the oldest',
  what: 'What',
  waiting: 'Waiting',
  oldest: 'Oldest',
  lastMinutes: 'Since this page is open',
  outbox: (service: string) => `Events to publish: ${service}`,
  consumer: (service: string) => `Events to handle: ${service}`,
  inFlight: (inFlight: number, again: number) =>
    again === 0 ? `${inFlight} in flight` : `${inFlight} in flight, ${again} of them again`,
  emails: 'E-mails to send',
  letters: 'Dead letters',
  names: { users: 'Users', items: 'Items' } as Record<string, string>,
  unknown: 'unknown',
  asOf: 'Asked',
  chart: (name: string, least: number, most: number, now: string) =>
    `${name} since this page is open: between ${least} and ${most}, now ${now}`,
} as const;
