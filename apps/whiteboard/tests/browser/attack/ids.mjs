// Ids of actions are made by pages, and anyone may use another's.

import assert from 'node:assert/strict';

import { assertBox, draw, ink, scene, settled } from '../harness.mjs';
import { told } from './told.mjs';
import { ack, hide, stroke } from './wire.mjs';

scene('what another sends under the id of an own action is another thing', async (world) => {
  const own = [];
  const { page, say } = await told(world, [], {
    heard: (message) => { if (message[0] === 1) own.push({ action: message.readBigUInt64LE(17), file: message }); },
  });
  await draw(page, [[300, 300], [500, 300]]);
  await page.waitForFunction(() => document.body.dataset.unacked === '1');
  const [{ action, file }] = own;
  const other = [100, 100, 128, 300, 100, 128];
  say([stroke({ author: 99, revision: 1, action }, other)]);
  await page.locator('body[data-revision="1"]').waitFor();
  assert.equal(await page.locator('body').getAttribute('data-unacked'), '1', 'the own action is still on its way');
  assertBox((await ink(page)).box, [298, 298, 942, 502]);
  const mine = Buffer.from(file);
  mine.writeBigUInt64LE(1n, 1);
  mine.writeBigUInt64LE(2n, 9);
  say([ack(action, 2), mine]);
  await settled(page, 2);
  say([hide({ author: 99, revision: 3 }, [1])]);
  await settled(page, 3);
  assertBox((await ink(page)).box, [298, 298, 502, 302], 3);
});
