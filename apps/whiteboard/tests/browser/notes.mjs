// Notes: written in place, and written anew.

import assert from 'node:assert/strict';

import { assertBox, ink, picture, scene, settled, until } from './harness.mjs';

const texts = (page) => page.locator('#notes li').allTextContents();

scene('a note is typed where it will stand, and is text whatever it contains', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  const said = '<img src=x onerror=alert(1)> & h\u00e9llo\nand \u2713';
  await a.keyboard.press('t');
  await a.mouse.click(400, 300);
  await a.keyboard.type(said);
  const area = await a.locator('#writing textarea').boundingBox();
  await picture(a, 'desktop-writing');
  await a.keyboard.press('Control+Enter');
  await settled(a, 1);
  await settled(b, 1);
  const seen = await until(b, ({ drawn }) => drawn > 300, 'the note');
  assert.ok(seen.box[0] >= area.x - 2 && seen.box[1] >= area.y - 2, `${seen.box} begins in ${JSON.stringify(area)}`);
  assert.ok(seen.box[3] <= area.y + area.height + 2, `${seen.box} ends in ${JSON.stringify(area)}`);
  assert.deepEqual(await ink(a), seen);
  await b.locator('#notes li').waitFor({ state: 'attached' });
  assert.deepEqual(await texts(b), [said]);
  assert.equal(await b.locator('#notes img').count(), 0);
});

scene('Escape leaves no note, a click outside finishes one', async (world) => {
  const page = await world.open();
  await page.getByRole('button', { name: 'Text', exact: true }).click();
  await page.mouse.click(400, 300);
  await page.keyboard.type('not this');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#writing textarea').count(), 0);
  await page.mouse.click(400, 300);
  await page.keyboard.type('this');
  await page.mouse.click(800, 500);
  assert.equal(await page.locator('#writing textarea').count(), 0, 'that click did nothing else');
  await settled(page, 1);
  await page.locator('#notes li', { hasText: /^this$/ }).waitFor({ state: 'attached' });
  assert.equal((await texts(page)).length, 1);
});

scene('a double click writes a note anew, and that is one step', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await a.keyboard.press('t');
  await a.mouse.click(400, 300);
  await a.keyboard.type('first');
  await a.keyboard.press('Control+Enter');
  await settled(a, 1);
  await settled(b, 1);
  const first = await until(b, ({ drawn }) => drawn > 50, 'the note');
  await a.keyboard.press('h');
  await a.mouse.dblclick(420, 300);
  await a.keyboard.press('End');
  await a.keyboard.type(' and second');
  await a.keyboard.press('Control+Enter');
  // Hidden, and a new one.
  await settled(b, 3);
  await until(b, ({ drawn }) => drawn > first.drawn, 'the longer note');
  await a.keyboard.press('Control+z');
  await settled(b, 5);
  assert.deepEqual(await ink(b), first);
  // With the pen in the hand too; the dots that a double click draws go again.
  await a.keyboard.press('p');
  await a.mouse.dblclick(420, 300);
  await a.keyboard.press('Escape');
  await b.locator('body[data-revision="9"]').waitFor();
  assert.deepEqual(await ink(b), first);
  assert.deepEqual(await ink(a), first);
});

scene('what the server would refuse is left out, and a note has an end', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await a.keyboard.press('t');
  await a.mouse.click(300, 300);
  await a.locator('#writing textarea').fill('a\u202eb\u0007c\tTab');
  await a.keyboard.press('Control+Enter');
  await settled(b, 1);
  await b.locator('#notes li', { hasText: /^abc Tab$/ }).waitFor({ state: 'attached' });
  await a.mouse.click(300, 500);
  await a.locator('#writing textarea').fill('\u00e9'.repeat(500));
  await a.keyboard.press('Control+Enter');
  await settled(b, 2);
  await b.locator('#notes li').nth(1).waitFor({ state: 'attached' });
  assert.equal((await texts(b))[1], '\u00e9'.repeat(480));
});

scene('a note goes with the board while it is written', async (world) => {
  const page = await world.open();
  await page.keyboard.press('t');
  await page.mouse.click(400, 300);
  await page.keyboard.type('moving');
  const before = await page.locator('#writing textarea').boundingBox();
  await page.mouse.move(700, 500);
  await page.mouse.wheel(100, 50);
  await page.waitForFunction((x) => document.querySelector('#writing textarea').getBoundingClientRect().x < x - 90, before.x);
  const after = await page.locator('#writing textarea').boundingBox();
  assertBox([after.x, after.y], [before.x - 100, before.y - 50], 1);
});
