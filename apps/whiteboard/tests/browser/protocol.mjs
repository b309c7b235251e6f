// The page's side of the wire against the examples that the server's side is checked against too.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import * as protocol from '../../page/built/protocol.js';

const vectors = JSON.parse(readFileSync(new URL('../vectors.json', import.meta.url), 'utf8'));

const BIG = ['author', 'action', 'board'];
/** What the server fills in: zero in a frame from the page. */
const FILLED_IN = { action: [1, 17], moment: [1, 9] };

const hex = (buffer) => Buffer.from(buffer).toString('hex');
const bytes = (text) => new Uint8Array(Buffer.from(text, 'hex')).buffer;

function typed(fields) {
  const entries = Object.entries(fields).map(([name, value]) => [name, BIG.includes(name) ? BigInt(value) : value]);
  return Object.fromEntries(entries);
}

function asSent(text, [from, to]) {
  const frame = Buffer.from(text, 'hex');
  frame.fill(0, from, to);
  return frame.toString('hex');
}

for (const { name, fields, hex: expected } of vectors) {
  if (name !== 'hello') {
    test(`the page reads ${name}`, () => {
      assert.deepEqual(protocol.decode(bytes(expected)), { kind: name, ...typed(fields) });
    });
  }
  if (['hello', 'stroke', 'chat', 'cursor', 'heartbeat', 'segment'].includes(name)) {
    test(`the page writes ${name}`, () => {
      const given = typed(fields);
      const frame = name === 'hello'
        ? protocol.hello(Buffer.from(fields.client), fields.after)
        : protocol[name](given);
      const filled = name === 'hello' ? [0, 0] : FILLED_IN[['stroke', 'chat'].includes(name) ? 'action' : 'moment'];
      assert.equal(hex(frame), asSent(expected, filled));
    });
  }
}

test('a kind from the future is ignored', () => {
  assert.equal(protocol.decode(bytes('fe00')), null);
});
