import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clockTime, secondsOf } from './didl.ts';
import { attributesOf, escapeXml, parseXml, tag } from './xml.ts';

const printable = fc.string({ unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text));

test('what is written can be read again, escaped once or twice', () => {
  fc.assert(
    fc.property(printable, (text) => {
      const twice = parseXml(`<a${attributesOf({ b: text })}>${tag('c', tag('d', text))}</a>`);
      assert.equal(twice.attributes.get('b'), text);
      assert.equal(parseXml(twice.children[0]?.text ?? '').text, text);
      assert.ok(!/[<>&"']/.test(escapeXml(text).replace(/&(amp|lt|gt|quot|apos);/g, '')));
    }),
  );
});

test('names are resolved to their namespaces', () => {
  const root = parseXml(
    '<?xml version="1.0"?><!-- a --><p:a xmlns:p="one" xmlns="two"><b/><p:c xmlns:p="three">&#65;&#x42;<![CDATA[<&]]></p:c></p:a>',
  );
  assert.deepEqual([root.name, root.namespace], ['a', 'one']);
  assert.deepEqual(
    root.children.map(({ name, namespace, text }) => [name, namespace, text]),
    [
      ['b', 'two', ''],
      ['c', 'three', 'AB<&'],
    ],
  );
});

test('what is no XML is refused', () => {
  const wrong = [
    '',
    'a',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a>&b;</a>',
    '<a>1 & 2</a>',
    '<a b=1/>',
    '<a b="<"/>',
    '<a b="1" b="2"/>',
    '<p:a/>',
    '<!DOCTYPE a><a/>',
    '<a/>b',
  ];
  for (const text of wrong) assert.throws(() => parseXml(text), SyntaxError, text);
});

test('times are written with minutes and seconds below sixty, and read so only', () => {
  assert.equal(clockTime(3723.9), '1:02:03');
  fc.assert(fc.property(fc.integer({ min: 0, max: 359_999 }), (seconds) => assert.equal(secondsOf(clockTime(seconds)), seconds)));
  for (const text of ['0:60:00', '0:00:60', '1:00', '-0:00:01', 'NOT_IMPLEMENTED', '']) assert.equal(secondsOf(text), undefined, text);
});
