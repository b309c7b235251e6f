// The eraser, undo and redo, and clearing the board.

import assert from 'node:assert/strict';

import { ZIGZAG, draw, ink, live, picture, scene, settled } from './harness.mjs';

const UNDO = '[data-do=undo]';
const REDO = '[data-do=redo]';
const disabled = (page, button) => page.locator(button).getAttribute('aria-disabled').then((value) => value === 'true');
/** Waits until there is nothing to be done by a button: it says so with the next frame of the screen. */
const none = (page, button) => page.locator(`${button}[aria-disabled=true]`).waitFor();

scene('the eraser takes whole what it touches, in one step', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await draw(b, [[300, 200], [800, 200]]);
  await settled(b, 1);
  const rest = await ink(b);
  await draw(a, [[300, 400], [800, 400]]);
  await draw(b, [[300, 500], [800, 500]]);
  await settled(a, 3);
  const before = await ink(a);
  await a.keyboard.press('e');
  await draw(a, [[500, 350], [500, 550]]);
  await settled(a, 4);
  await settled(b, 4);
  assert.deepEqual(await ink(a), rest, 'those of others go too');
  assert.deepEqual(await ink(b), rest);
  await a.keyboard.press('Control+z');
  await settled(a, 5);
  await settled(b, 5);
  assert.deepEqual(await ink(a), before);
  assert.deepEqual(await ink(b), before);
  await a.keyboard.press('Control+y');
  await settled(b, 6);
  assert.deepEqual(await ink(b), rest);
});

scene('undo and redo go through the own steps only', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await none(a, UNDO);
  await none(a, REDO);
  await draw(b, [[300, 200], [800, 200]]);
  await settled(b, 1);
  const others = await ink(b);
  await draw(a, [[300, 400], [800, 400]]);
  await draw(a, [[300, 500], [800, 500]]);
  await settled(a, 3);
  await settled(b, 3);
  const all = await ink(a);
  await a.locator(UNDO).click();
  await a.locator(UNDO).click();
  await none(a, UNDO); // the line of B is not A\u2019s to undo
  assert.ok(!await disabled(a, REDO));
  await settled(b, 5);
  assert.deepEqual(await ink(b), others);
  assert.deepEqual(await ink(a), others);
  await a.keyboard.press('Control+Shift+z');
  await a.keyboard.press('Control+Shift+z');
  await settled(b, 7);
  assert.deepEqual(await ink(b), all);
  await a.keyboard.press('Control+z');
  await draw(a, [[300, 600], [800, 600]]);
  await none(a, REDO); // something new was done
});

scene('clear asks, clears for everyone, and can be undone', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await draw(a, ZIGZAG);
  await draw(b, [[300, 600], [800, 600]]);
  await settled(a, 2);
  await settled(b, 2);
  const before = await ink(a);
  await a.getByRole('button', { name: 'Clear the board' }).click();
  await picture(a, 'desktop-clear');
  await a.getByRole('button', { name: 'Keep it' }).click();
  assert.deepEqual(await ink(a), before);
  await a.getByRole('button', { name: 'Clear the board' }).click();
  await a.locator('#clearing').getByRole('button', { name: 'Clear', exact: true }).click();
  await settled(a, 3);
  await settled(b, 3);
  assert.equal((await ink(a)).drawn, 0);
  assert.equal((await ink(b)).drawn, 0);
  await draw(a, [[300, 300], [800, 300]]);
  await settled(b, 4);
  const fresh = await ink(b);
  assert.ok(fresh.drawn > 500, 'what comes after it is seen');
  await a.locator('.toast', { hasText: 'Cleared' }).getByRole('button', { name: 'Undo' }).click();
  await settled(a, 5);
  await settled(b, 5);
  assert.ok((await ink(b)).drawn > before.drawn, 'the clear was undone, and not the line after it');
  assert.deepEqual(await ink(a), await ink(b));
  await b.reload();
  await live(b);
  await settled(b, 5);
  assert.deepEqual(await ink(a), await ink(b));
});

scene('what has no revision yet is undone at once, and for everyone when the server is back', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await draw(a, [[300, 200], [800, 200]]);
  await settled(b, 1);
  const before = await ink(b);
  const start = await world.kill();
  await a.locator('body[data-state=reconnecting]').waitFor();
  await draw(a, ZIGZAG);
  await draw(a, [[300, 600], [800, 600]]);
  await a.keyboard.press('Control+z');
  await a.keyboard.press('Control+z');
  assert.deepEqual(await ink(a), before, 'hidden at once');
  await start();
  // Two strokes, and a hide for each.
  await settled(a, 5);
  await settled(b, 5);
  assert.deepEqual(await ink(b), before);
  await a.keyboard.press('Control+Shift+z');
  await settled(b, 6);
  assert.ok((await ink(b)).drawn > before.drawn);
});

scene('undo takes what is still there: what others erased meanwhile it passes over', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  for (const y of [200, 300, 400]) await draw(a, [[300, y], [800, y]]);
  await settled(b, 3);
  await b.keyboard.press('e');
  await draw(b, [[500, 380], [500, 420]]);
  await settled(a, 4);
  const two = await ink(a);
  await a.keyboard.press('Control+z');
  await settled(b, 5);
  const one = await ink(b);
  assert.ok(one.drawn < two.drawn && one.box[3] < 210, `${one.box}: the second line is gone`);
  await a.keyboard.press('Control+z');
  await settled(b, 6);
  assert.equal((await ink(b)).drawn, 0);
  await none(a, UNDO); // nothing of A is left
  await a.keyboard.press('Control+z');
  await a.locator('#said', { hasText: 'Nothing to undo' }).waitFor({ state: 'attached' });
  assert.equal(await a.locator('body').getAttribute('data-revision'), '6');
  // B takes the erasing back: then A has something to undo again.
  await b.keyboard.press('Control+z');
  await settled(a, 7);
  assert.ok(!await disabled(a, UNDO));
  await a.keyboard.press('Control+z');
  await settled(b, 8);
  assert.equal((await ink(b)).drawn, 0);
  for (let revision = 9; revision <= 11; revision += 1) {
    await a.keyboard.press('Control+y');
    await settled(b, revision);
  }
  assert.ok(await disabled(a, REDO));
  assert.equal((await ink(b)).box[3], 402);
});
