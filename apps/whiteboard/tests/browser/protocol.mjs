// The page's side of the wire against the examples that the server's side is checked against too.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import * as protocol from '../../page/built/protocol.js';
import { cleanLine, cleanLines, cut } from '../../page/built/text.js';

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
  if (name !== 'hello') frame.fill(0, 1, ACTIONS.includes(name) ? 17 : 9);
  return frame.toString('hex');
}

test('there is an example of every message', () => {
  const server = ['left', 'welcome', 'live', 'ack', 'busy', 'refused', 'trouble', 'missed', 'pace', 'several'];
  assert.deepEqual(vectors.map(({ name }) => name).sort(), ['hello', ...ACTIONS, ...MOMENTS, ...server].sort());
});

for (const { name, fields, hex: expected } of vectors) {
  if (!['hello', 'several'].includes(name)) {
    test(`the page reads ${name}`, () => {
      assert.deepEqual(protocol.decode(bytes(expected).buffer), { kind: name, ...typed(fields) });
    });
  }
  if (['hello', ...ACTIONS, ...MOMENTS].includes(name)) {
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
  assert.equal(cleanLines('a\u202eb\r\nc\td\u0000\u2066\u061c'), 'ab\nc d');
  assert.equal(cleanLine('  two\n words\u0085\u200f '), 'two words');
  assert.equal(cleanLine('\ud83d\ude00 \ud83d'), '\ud83d\ude00 \ufffd', 'half a character has no bytes');
  assert.equal(cut('\u00e9\u00e9', 3), '\u00e9');
});
