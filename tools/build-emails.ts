import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import mjml2html from 'mjml';
import { emailTemplates } from '../services/notifier/src/emails/rendering/email-kinds.ts';
import { readOptions, runCommand } from './command-line.ts';

const root = join(import.meta.dirname, '..');
const sources = join(root, 'services/notifier/emails');
const templates = join(root, 'services/notifier/src/emails/rendering/templates');

/** Compiles the MJML of the e-mails; the keys are file names such as `welcome.html`. */
export async function compileEmails(): Promise<Map<string, string>> {
  const compiled = new Map<string, string>();
  for (const name of emailTemplates) {
    const filePath = join(sources, `${name}.mjml`);
    const { html } = await mjml2html(await readFile(filePath, 'utf8'), {
      filePath,
      ignoreIncludes: false,
      validationLevel: 'strict',
      keepComments: false,
      // Without this, MJML loads a known font of a font stack from Google.
      fonts: {},
    });
    compiled.set(`${name}.html`, tidy(html));
  }
  return compiled;
}

export async function staleEmails(folder = templates): Promise<string[]> {
  const compiled = await compileEmails();
  const present = (await readdir(folder)).filter((name) => name.endsWith('.html'));
  const stale = present.filter((name) => !compiled.has(name));
  for (const [name, html] of compiled) {
    const current = present.includes(name) && (await readFile(join(folder, name), 'utf8'));
    if (current !== html) stale.push(name);
  }
  return stale.sort();
}

/** Indentation is a third of the size; a single line would break RFC 5322's limit of 998 octets. */
function tidy(html: string): string {
  return html
    .replace(' xmlns="http://www.w3.org/1999/xhtml"', '') // HTML needs none; so every http in an e-mail is a link
    .replace(/<[a-z][^<>]*>/g, (tag) => tag.replace(/\s+/g, ' ').replace(/ >$/, '>'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')
    .concat('\n');
}

const usage = `Usage: npm run emails [-- --check]

Compiles the e-mails' MJML into the HTML that the notifier sends.

  --check  write nothing; name every file that is stale, with exit code 1
  --help   this text`;

if (import.meta.main) {
  await runCommand('emails', {
    usage,
    parseOptions: (argv) => readOptions(argv, { check: { type: 'boolean', default: false } }),
    async run({ check }) {
      if (!check) {
        for (const [name, html] of await compileEmails()) await writeFile(join(templates, name), html);
        return 0;
      }
      const stale = await staleEmails();
      for (const name of stale)
        console.error(`${relative(root, join(templates, name))} is stale: run "npm run emails"`);
      return stale.length > 0 ? 1 : 0;
    },
  });
}
