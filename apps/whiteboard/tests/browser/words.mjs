// The words and numbers of the panels, without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Board } from '../../page/built/board.js';
import { count, level, overall, percent, size } from '../../page/built/health.js';
import { WIDEST, layout } from '../../page/built/layout.js';
import { Reading } from '../../page/built/past.js';
import { initials, letters } from '../../page/built/person.js';
import { Rewind } from '../../page/built/rewind.js';
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

/** A part of a board's past, as the server writes it: steps [revision, kind, name], or null for what is missing. */
function pastOf(steps, next = null, length = 0) {
  const bytes = (size, set) => {
    const view = new DataView(new ArrayBuffer(size));
    set(view);
    return Buffer.from(view.buffer);
  };
  const u64 = (value) => bytes(8, (view) => view.setBigUint64(0, BigInt(value), true));
  const parts = steps.map((step) => {
    if (step === null) return Buffer.concat([u64(0), Buffer.from([0, 0, 0])]);
    const [revision, kind, name] = step;
    const body = kind === 5 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 128, 64]), Buffer.alloc(9 + 9 * length)]);
    const frame = Buffer.concat([Buffer.from([kind]), u64(1), u64(revision), u64(revision), body]);
    const named = Buffer.from(name);
    const size = bytes(2, (view) => view.setUint16(0, frame.length, true));
    return Buffer.concat([u64(revision * 1000), Buffer.from([named.length]), named, size, frame]);
  });
  const head = bytes(13, (view) => {
    view.setUint32(0, 3, true);
    view.setBigUint64(4, 70n, true);
    view.setUint8(12, next ? 1 : 0);
  });
  const whole = Buffer.concat([head, ...parts]);
  return whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length);
}

test('the past is read part by part, and what is missing is told at the next step', () => {
  const reading = new Reading();
  assert.equal(reading.take(pastOf([[1, 1, 'Ada'], null], true)), '?from=3.70');
  assert.equal(reading.take(pastOf([[3, 5, '']])), null);
  assert.deepEqual(
    reading.steps.map(({ message, time, name, gap }) => [message.kind, message.revision, time, name, gap]),
    [['stroke', 1, 1000, 'Ada', false], ['clear', 3, 3000, '', true]],
  );
});

test('a past that goes back begins there anew, and one that is too long loses its oldest steps', () => {
  const back = new Reading();
  back.take(pastOf([[1, 1, ''], [2, 1, ''], [3, 1, ''], [2, 5, '']]));
  assert.deepEqual(back.steps.map(({ message }) => [message.revision, message.kind]), [[1, 'stroke'], [2, 'clear']]);
  const long = new Reading();
  for (let part = 0; part < 150; part += 1) {
    long.take(pastOf(Array.from({ length: 20 }, (_, at) => [part * 20 + at + 1, 1, '']), true, 1500));
  }
  const held = long.steps.reduce((sum, { bytes }) => sum + bytes, 0);
  assert.ok(long.isCut && held <= 32 * 1024 * 1024 && held > 24 * 1024 * 1024, `${held}`);
  assert.equal(long.steps.at(-1).message.revision, 3000);
});

test('the board is as it was after each step, and what the past does not tell of was there before', () => {
  const stroke = (revision) => ({ kind: 'stroke', author: 1n, revision, action: BigInt(revision), colour: 0, width: 4, points: [0, 0, 128] });
  const flag = (revision, kind, ...revisions) => ({ kind, author: 1n, revision, action: BigInt(revision), revisions });
  const live = new Board(() => 0);
  const said = [
    stroke(1), stroke(2), stroke(3), flag(4, 'hide', 3), stroke(10), flag(11, 'hide', 1, 10), { ...stroke(12), kind: 'clear' },
    flag(13, 'show', 2, 10), flag(14, 'show', 3),
  ];
  for (const one of said) (one.revisions ? live.flag(one, false) : live.place(one, false));
  const steps = said.slice(4).map((message) => ({ message, time: 0, name: '', gap: false, bytes: 0 }));
  let anew = 0;
  const rewind = new Rewind(new Board(() => 0), steps, live.placed, () => { anew += 1; });
  const seen = (at) => {
    rewind.seek(at);
    return [...rewind.board.seen()].map(({ revision }) => revision);
  };
  // The first steps that speak of 2 and of 3 show them: they were hidden.
  const expected = [[1], [1, 10], [], [], [], []];
  assert.deepEqual([0, 1, 2, 3, 4, 5].map(seen), expected);
  assert.equal(anew, 0);
  assert.deepEqual([5, 4, 3, 2, 1, 0].map(seen), [...expected].reverse());
  assert.equal(anew, 5);
});
