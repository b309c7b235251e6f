// Clears without end, and what hides and shows them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Board } from '../../../page/built/board.js';
import { Editor } from '../../../page/built/editor.js';
import { ink, scene, settled } from '../harness.mjs';
import { screens, told } from './told.mjs';
import { clear, hide, show, stroke } from './wire.mjs';

const CLEARS = 20_000;
/** More than a browser passes to a function at once. */
const MANY = 130_000;
const clears = (count) => Array.from({ length: count }, (_, at) => clear({ revision: at + 1 }));
const line = (revision) => stroke({ revision }, [-100, 0, 128, 100, 0, 128]);

scene('a board of 20,000 clears is live at once, and hides of thousands of them do not hold it up', async (world) => {
  let begun = Date.now();
  const { page, say } = await told(world, clears(CLEARS));
  // It took 24 seconds.
  assert.ok(Date.now() - begun < 10_000, `live after ${Date.now() - begun} ms`);
  begun = Date.now();
  const targets = (from) => Array.from({ length: 1000 }, (_, at) => CLEARS - from - at);
  const flags = [0, 1000, 2000].map((from, at) => hide({ revision: CLEARS + 1 + at }, targets(from)));
  say([...flags, ...flags.map((_, at) => show({ revision: CLEARS + 4 + at }, targets(1000 * at)))]);
  await settled(page, CLEARS + 6);
  await screens(page, 2);
  // Three of the six took 5.7 seconds.
  assert.ok(Date.now() - begun < 4000, `taken after ${Date.now() - begun} ms`);
});

scene('nothing of a message is lost, however many clears there are', async (world) => {
  const { page, say } = await told(world, [line(1), ...clears(MANY + 1).slice(1)]);
  say([line(MANY + 2)]);
  await settled(page, MANY + 2);
  assert.ok((await ink(page)).drawn > 0, 'what was drawn after them is seen');
  assert.equal(await page.locator('.toast').count(), 0);
});

test('what is taken off a board at once may be all of it, however much', () => {
  const board = new Board(() => 1);
  const sent = [];
  const editor = new Editor(board, { add: (action) => sent.push(action), settle() {} }, () => BigInt(sent.length + 1));
  for (let revision = 1; revision <= MANY; revision += 1) {
    const points = [0, 0, 128, 9, 9, 128];
    editor.placed({ kind: 'stroke', author: 7n, revision, action: BigInt(revision), colour: 0, width: 4, points }, false);
  }
  editor.erase([...board.seen()], editor.step('erasing'));
  assert.equal(board.seen().next().done, true);
  assert.equal(sent.length, MANY / 1000);
});
