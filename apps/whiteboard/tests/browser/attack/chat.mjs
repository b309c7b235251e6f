// Chat without end.

import assert from 'node:assert/strict';

import { scene, settled } from '../harness.mjs';
import { screens, told } from './told.mjs';
import { chat } from './wire.mjs';

const COUNT = 50_000;
const said = (revision) => chat({ revision }, `This is message ${revision}.`, `Eve ${revision % 3}`);

/** Counts how often the page asks how high an element is, for which the browser lays out all that has changed. */
const counted = (page) => page.addInitScript(() => {
  window.laidOut = 0;
  const { get } = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollHeight');
  Object.defineProperty(Element.prototype, 'scrollHeight', {
    get() {
      window.laidOut += 1;
      return get.call(this);
    },
  });
});

scene('messages that come at once are laid out at once; the last of them are seen, and more when one scrolls up', async (world) => {
  const { page, say } = await told(world, Array.from({ length: COUNT }, (_, at) => said(at + 1)), { prepare: counted });
  await settled(page, COUNT);
  const laidOut = await page.evaluate(() => window.laidOut);
  assert.ok(laidOut < COUNT / 10, `laid out ${laidOut} times`);
  const list = () => page.locator('#messages .text').allTextContents();
  const texts = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => `This is message ${from + at}.`);
  await page.locator('#chat-toggle').click();
  const last = await list();
  assert.ok(last.length >= 50 && last.length <= 200, `${last.length} are in the page`);
  assert.deepEqual(last, texts(COUNT + 1 - last.length, COUNT));
  for (let look = 1; look <= 3; look += 1) {
    const before = (await list()).length;
    await page.evaluate(() => { document.querySelector('#messages').scrollTop = 0; });
    await page.waitForFunction((count) => document.querySelectorAll('#messages li').length > count, before);
  }
  const more = await list();
  assert.deepEqual(more, texts(COUNT + 1 - more.length, COUNT));
  assert.ok(await page.evaluate(() => document.querySelector('#messages').scrollTop > 0), 'what was seen stays in its place');
  // What is kept is bounded, however far one looks back.
  for (let look = 0; look < 120; look += 1) {
    await page.evaluate(() => { document.querySelector('#messages').scrollTop = 0; });
    await screens(page, 1);
  }
  const all = await list();
  assert.ok(all.length >= 5000 && all.length <= 10_000, `${all.length} are kept`);
  await page.evaluate(() => { document.querySelector('#messages').scrollTop = 1e9; });
  say([said(COUNT + 1)]);
  await settled(page, COUNT + 1);
  const end = await list();
  assert.ok(end.length <= 200 && end.at(-1) === `This is message ${COUNT + 1}.`, `${end.length}: ${end.at(-1)}`);
});
