// The page's side of the wire against the examples that the server's side is checked against too.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import * as protocol from '../../page/built/protocol.js';
import { cleanLine, cleanLines, cut, graphemes, isBlank } from '../../page/built/text.js';

const vectors = JSON.parse(readFileSync(new URL('../vectors.json', import.meta.url), 'utf8'));

const ACTIONS = ['stroke', 'chat', 'note', 'image', 'clear', 'hide', 'show'];
const MOMENTS = ['cursor', 'here', 'segment'];
const BIG = ['author', 'action', 'store'];

const hex = (buffer) => Buffer.from(buffer).toString('hex');
const bytes = (text) => new Uint8Array(Buffer.from(text, 'hex'));

function typed(fields) {
  const value = (name, given) => {
    if (BIG.includes(name)) return BigInt(given);
    return name === 'file' ? bytes(given) : given;
  };
  return Object.fromEntries(Object.entries(fields).map(([name, given]) => [name, value(name, given)]));
}

/** The frame with zeros where the server fills in: the author, and of an action the revision. */
function asSent(name, text) {
  const frame = Buffer.from(text, 'hex');
  if (!['hello', 'ask'].includes(name)) frame.fill(0, 1, ACTIONS.includes(name) ? 17 : 9);
  return frame.toString('hex');
}

test('there is an example of every message', () => {
  const server = ['left', 'welcome', 'live', 'ack', 'busy', 'refused', 'trouble', 'missed', 'pace', 'alive', 'several'];
  assert.deepEqual(vectors.map(({ name }) => name).sort(), ['hello', 'ask', ...ACTIONS, ...MOMENTS, ...server].sort());
});

for (const { name, fields, hex: expected } of vectors) {
  if (!['hello', 'ask', 'several'].includes(name)) {
    test(`the page reads ${name}`, () => {
      assert.deepEqual(protocol.decode(bytes(expected).buffer), { kind: name, ...typed(fields) });
    });
  }
  if (['hello', 'ask', ...ACTIONS, ...MOMENTS].includes(name)) {
    test(`the page writes ${name}`, () => {
      const given = typed(fields);
      const frame = name === 'hello'
        ? protocol.hello(Buffer.from(fields.client), fields.after, fields.board)
        : protocol[name](given);
      assert.equal(hex(frame), asSent(name, expected));
    });
  }
}

test('the page takes apart what comes in one message', () => {
  const { fields, hex: message } = vectors.find(({ name }) => name === 'several');
  assert.deepEqual(protocol.frames(bytes(message).buffer).map(hex), fields.frames);
  assert.deepEqual(protocol.frames(bytes('13').buffer).map(hex), ['13'], 'one is its own message');
});

test('a kind from the future is ignored, and a frame that is too short is none', () => {
  assert.equal(protocol.decode(bytes('fe00').buffer), null);
  assert.throws(() => protocol.decode(bytes('8231').buffer), RangeError);
});

test('texts go without what the server refuses', () => {
  assert.equal(cleanLines('a\u202eb\r\nc\td\u0000\u2066\u2069'), 'ab\nc d');
  assert.equal(cleanLine('  two\n words\u0085\u202a '), 'two words');
  assert.equal(cleanLine('\ud83d\ude00 \ud83d'), '\ud83d\ude00 \ufffd', 'half a character has no bytes');
  assert.equal(cut('\u00e9\u00e9', 3), '\u00e9');
});

test('the marks that Hebrew and Arabic are written with stay, and alone they are no text', () => {
  const hebrew = '\u05e9\u05dc\u05d5\u05dd!\u200f C++\u200e \u061c';
  assert.equal(cleanLines(hebrew), hebrew);
  assert.equal(cleanLine(hebrew), hebrew);
  assert.deepEqual([' \u200f\u061c\n', '', '\u200f.'].map(isBlank), [true, true, false]);
});

// The last is how browsers do it that have no Intl.Segmenter.
const { Segmenter } = Intl;
delete Intl.Segmenter;
const older = await import('../../page/built/text.js?without');
Intl.Segmenter = Segmenter;
for (const [how, { cut: cutBy, graphemes: graphemesBy }] of [['known', { cut, graphemes }], ['unknown', older]]) {
  test(`nothing is cut in two that is one character to a person, with characters ${how} to the browser`, () => {
    const whole = [
      'e\u0301', '\u{1f469}\u200d\u{1f680}', '\u{1f1e9}\u{1f1ea}', '\u{1f44d}\u{1f3fd}', '\u2764\ufe0f', '1\ufe0f\u20e3',
      '\u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}', 'x',
      '\u05e9\u05b8', '\r\n',
    ];
    assert.deepEqual([...graphemesBy(whole.join(''))], whole);
    for (const one of whole) {
      const bytes = Buffer.byteLength(one);
      for (let room = 1; room < bytes; room += 1) assert.equal(cutBy(`a${one}`, room + 1), 'a', `${one} in ${room}`);
      assert.equal(cutBy(`a${one}`, bytes + 1), `a${one}`);
    }
  });
}
