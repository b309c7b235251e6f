// The words and numbers of the panels, without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { count, level, overall, percent, size } from '../../page/built/health.js';
import { WIDEST, layout } from '../../page/built/layout.js';
import { initials, letters } from '../../page/built/person.js';
import { direction, isolated } from '../../page/built/text.js';

const pool = (pressure, ...history) => ({ pressure, history: { rate: [], pressure: history } });
const health = (status, pools, store = {}) => ({ status, pools, store });

test('a pressure has the word that the server has for it', () => {
  const words = [0, 0.499, 0.5, 0.799, 0.8, 0.899, 0.9, 1].map(level);
  assert.deepEqual(words, [
    'excellent', 'excellent', 'good', 'good', 'warning', 'warning', 'critical', 'critical',
  ]);
});

test('the whole is as bad as the server says, and as the worst pool was in the last second', () => {
  assert.equal(overall(health('excellent', [pool(0), pool(0.1)])), 'excellent', 'without a history yet');
  assert.equal(overall(health('excellent', [pool(0, 0.2), pool(0.1, 0.95)])), 'critical');
  assert.equal(overall(health('excellent', [pool(0, 0.95, 0.1)])), 'excellent', 'it was full the second before');
  assert.equal(overall(health('critical', [pool(0, 0)])), 'critical');
  assert.equal(overall(health('good', [pool(0, 0)], { full: true })), 'full');
  assert.equal(overall(health('failed', [pool(1, 1)], { full: true })), 'failed', 'worse than all');
});

test('numbers are short', () => {
  assert.equal(count(12345.6), '12,346');
  assert.deepEqual([0, 0.004, 0.25, 1].map(percent), ['0 %', '<1 %', '25 %', '100 %']);
  assert.deepEqual([0, 1023, 1024, 1536, 48_300_000, 2 ** 40].map(size), [
    '0 B', '1,023 B', '1.0 KiB', '1.5 KiB', '46 MiB', '1.0 TiB',
  ]);
});

test('a name has one letter or two, whatever it is made of', () => {
  assert.deepEqual(['Quiet Heron', 'zoë', 'Ann van der Lee', 'é', 'a-b', '  ', '👩‍🚀 Kim'].map(initials), [
    'QH', 'Z', 'AL', 'É', 'AB', '?', '👩‍🚀K',
  ]);
});

test('letters can be read on every colour', () => {
  assert.deepEqual([0x000000, 0x1f5fbf, 0xffffff, 0xffff00].map(letters), ['#fff', '#fff', '#111', '#111']);
});

/** Letters that are all half as wide as they are high. */
const lines = (text, high = 1) => {
  const laid = layout(text, high, (line, letters) => (line.length * letters) / 2);
  return { ...laid, texts: laid.lines.map((line) => line.text) };
};

test('a line goes on in the next at a space, a hyphen, or where a script has none', () => {
  const word = 'nine chars '.repeat(8).trim();
  assert.deepEqual(lines(word).texts, ['nine chars nine chars nine chars nine ', 'chars nine chars nine chars nine chars ', 'nine chars']);
  assert.deepEqual(lines('a\n\nb').texts, ['a', '', 'b']);
  assert.deepEqual(lines(`${'x'.repeat(30)} ten-letters 5-6`).texts, [`${'x'.repeat(30)} ten-`, 'letters 5-6']);
  assert.deepEqual(lines(`${'x'.repeat(38)} -12`).texts, [`${'x'.repeat(38)} `, '-12'], 'no word ends before it');
  assert.deepEqual(lines('\u6f22'.repeat(50)).texts.map(({ length }) => length), [40, 10]);
  assert.deepEqual(lines(`${'\u6f22'.repeat(40)}\u3002`).texts.map(({ length }) => length), [39, 2], 'no line begins with a full stop');
});

test('a word that is too long is broken between characters, on a line of its own', () => {
  const astronaut = '\u{1f469}\u200d\u{1f680}';
  assert.deepEqual(lines(`see ${'w'.repeat(90)} end`).texts, ['see ', 'w'.repeat(40), 'w'.repeat(40), `${'w'.repeat(10)} end`]);
  assert.deepEqual(lines(astronaut.repeat(10)).texts, [astronaut.repeat(8), astronaut.repeat(2)]);
  assert.equal(lines('w'.repeat(5000)).texts.join('').length, 5000);
});

test('lines that wrap are as wide as they may be, in letters of every size', () => {
  assert.deepEqual(lines('ab', 10).width, 10);
  const { width, height, wraps } = lines('word '.repeat(20), 10);
  assert.deepEqual([width, height, wraps], [WIDEST * 10, 3 * 13, true]);
  assert.equal(lines(' '.repeat(200)).texts.length, 1, 'spaces at the end need no room');
});

test('a text begins where its first letter says', () => {
  const said = ['', '12!', 'ab \u05d0', '12 \u05d0b', '"\u0627', '\u200fab', '\u200e\u05d0', '\u061c1', '\u{1e900}', '\u6f22'];
  assert.deepEqual(said.map(direction), ['ltr', 'ltr', 'ltr', 'rtl', 'rtl', 'rtl', 'ltr', 'rtl', 'rtl', 'ltr']);
  assert.deepEqual(['Ann', '\u05d0'].map(isolated), ['Ann', '\u2068\u05d0\u2069']);
  assert.deepEqual(lines(`ab\n${'\u05d0 '.repeat(30)}x`).lines.map((line) => line.direction), ['ltr', 'rtl', 'rtl']);
});
