// What the page cannot take: it says so, gets the board again, and goes on without it in the end.

import assert from 'node:assert/strict';

import { assertBox, ink, live, scene, settled } from '../harness.mjs';
import { told } from './told.mjs';
import { stroke } from './wire.mjs';

const at = (revision, y) => stroke({ revision }, [-100, y, 128, 100, y, 128]);
const poison = (revision) => stroke({ revision }, [NaN, 0, 128, 100, 0, 128]);
const toast = (page, text) => page.locator('.toast', { hasText: text });

scene('what can never be taken is left out and said, after the board was loaded anew a few times', async (world) => {
  const { page, say, hellos } = await told(world, [at(1, -50), poison(2), at(3, 50)]);
  await settled(page, 3);
  await live(page);
  await toast(page, 'cannot be shown').waitFor();
  assert.deepEqual(hellos, [0, 0, 0, 0]);
  assertBox((await ink(page)).box, [538, 348, 742, 452]);
  say([poison(4), at(5, 100)]);
  await settled(page, 5);
  assertBox((await ink(page)).box, [538, 348, 742, 502]);
  assert.equal(hellos.length, 4, 'and that is all');
});

scene('after a message that is cut the board is loaded anew, with all that was in it', async (world) => {
  const frames = [at(1, -50)];
  const { page, say, hellos, raw } = await told(world, frames, { revision: 9 });
  frames.push(at(2, 50));
  raw(Buffer.from([135, 200, 0, 1, 2]));
  await toast(page, 'loaded anew').waitFor();
  await settled(page, 2);
  await live(page);
  assert.deepEqual(hellos, [0, 0]);
  assertBox((await ink(page)).box, [538, 348, 742, 452]);
  say([at(3, 100)]);
  await settled(page, 3);
});
