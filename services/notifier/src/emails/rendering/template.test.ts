import { describe, expect, test } from 'vitest';
import { escapeHtml, parseTemplate } from './template.ts';

describe('parseTemplate', () => {
  test('inserts each value as often as it is named', () => {
    const template = parseTemplate('greeting', '{{a}}, {{b}} and {{a}}!', ['a', 'b']);
    expect(template.fill({ a: '1', b: '2' })).toBe('1, 2 and 1!');
  });

  test('encodes values, not the text around them', () => {
    const template = parseTemplate('markup', '<b>{{a}}</b>', ['a']);
    expect(template.fill({ a: '<i>' }, escapeHtml)).toBe('<b>&lt;i&gt;</b>');
  });

  test('does not change what only looks like a placeholder or a replacement pattern in a value', () => {
    const template = parseTemplate('echo', '{{a}}{{b}}', ['a', 'b']);
    expect(template.fill({ a: '{{b}}', b: '$& $1' })).toBe('{{b}}$& $1');
  });

  test.each([
    ['an unknown name', 'Hello {{nmae}}'],
    ['a name with spaces', 'Hello {{ name }}'],
    ['an empty name', 'Hello {{}}'],
    ['a placeholder without an end', 'Hello {{name'],
    ['a placeholder over two lines', 'Hello {{na\nme}}'],
    ['a name every object has', 'Hello {{constructor}}'],
  ])('refuses %s', (_, text) => {
    expect(() => parseTemplate('greeting.txt', text, ['name'])).toThrow(/^greeting\.txt: /);
  });

  test('refuses to leave a placeholder empty', () => {
    const template = parseTemplate('greeting.txt', 'Hello {{name}}', ['name']);
    expect(() => template.fill({})).toThrow('greeting.txt: no value for {{name}}');
  });
});

test('escapeHtml makes markup, entities and both quotes harmless', () => {
  expect(escapeHtml(`<b title="x" id='y'>&amp;`)).toBe(
    '&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;',
  );
});
