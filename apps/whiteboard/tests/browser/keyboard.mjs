// The page without a mouse.

import assert from 'node:assert/strict';

import { ZIGZAG, draw, ink, picture, scene, settled, until } from './harness.mjs';

const focused = (page) => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
const said = (page, text) => page.locator('#said', { hasText: text }).waitFor({ state: 'attached' });

async function tabTo(page, label) {
  for (let presses = 0; presses < 30; presses += 1) {
    if (await focused(page) === label) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not come to ${label}`);
}

scene('a note is written, undone and cleared with the keyboard alone', async (world) => {
  const [page, other] = [await world.open(), await world.open()];
  await tabTo(page, 'Pen');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await focused(page), 'Text');
  await picture(page, 'desktop-focus');
  await page.keyboard.press('Enter');
  assert.equal(await page.getByRole('button', { name: 'Text', exact: true }).getAttribute('aria-pressed'), 'true');
  await said(page, 'Text');
  await page.keyboard.press('Shift+Tab');
  assert.match(await focused(page), /^Board/);
  await page.keyboard.press('Enter');
  await page.keyboard.type('by hand');
  await page.keyboard.press('Control+Enter');
  await settled(page, 1);
  await settled(other, 1);
  await until(other, ({ drawn }) => drawn > 100, 'the note');
  assert.match(await focused(page), /^Board/, 'the focus is on the board again');
  await page.locator('#moving[aria-label="Board with 0 lines, 1 note, 0 pictures"]').waitFor();

  await tabTo(page, 'Text');
  while (await focused(page) !== 'Undo') await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await said(page, 'Undone: a note');
  await settled(other, 2);
  assert.equal((await ink(other)).drawn, 0);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press(' ');
  await said(page, 'Done again: a note');
  await settled(other, 3);
  assert.ok((await ink(other)).drawn > 100);

  while (await focused(page) !== 'Clear the board') await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await settled(other, 4);
  assert.equal((await ink(other)).drawn, 0);
});

scene('the keys are listed, and the list closes again', async (world) => {
  const page = await world.open();
  await page.keyboard.press('?');
  await page.locator('#keys[open]').waitFor();
  assert.equal(await page.locator('#keys dt').count(), await page.locator('#keys dd').count());
  assert.ok(await page.locator('#keys dt').count() > 12);
  await page.keyboard.press('e');
  await page.keyboard.press('Escape');
  await page.locator('#keys').waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.body.dataset.tool), 'pen', 'keys are for the dialog while it is open');
  for (const [key, tool] of [['e', 'eraser'], ['t', 'note'], ['h', 'hand'], ['p', 'pen']]) {
    await page.keyboard.press(key);
    assert.equal(await page.evaluate(() => document.body.dataset.tool), tool);
  }
  await page.keyboard.press('c');
  await page.locator('#chat').waitFor();
  await page.keyboard.type('pehc');
  assert.equal(await page.evaluate(() => document.body.dataset.tool), 'pen', 'what is typed is no key');
  await page.keyboard.press('Escape');
  await page.keyboard.press('r');
  await page.locator('#rings').waitFor();
});

scene('after a click in the toolbar the space bar moves the board', async (world) => {
  const page = await world.open();
  await page.getByRole('button', { name: 'Pen', exact: true }).click();
  await page.mouse.move(400, 300);
  await page.mouse.down();
  await page.mouse.move(600, 300, { steps: 4 });
  await page.mouse.up();
  await settled(page, 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await settled(page, 2);
  await page.keyboard.down(' ');
  await page.mouse.move(400, 300);
  await page.mouse.down();
  await page.mouse.move(600, 300, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up(' ');
  assert.equal(await page.locator('body').getAttribute('data-revision'), '2', 'it drew nothing');
  assert.equal(await page.locator('[data-do=redo]').getAttribute('aria-disabled'), 'false', 'and undid nothing');
});

scene('whoever comes to a control by Tab sees where it is', async (world) => {
  const page = await world.open();
  await tabTo(page, 'Pen');
  for (const label of ['Pen', 'Own colour', 'Width']) {
    await tabTo(page, label);
    const outline = await page.evaluate(() => {
      const at = document.activeElement.closest('label') ?? document.activeElement;
      return getComputedStyle(at).outlineStyle;
    });
    assert.equal(outline, 'solid', label);
  }
});

const selected = (page) => page.evaluate(() => getSelection().toString());

scene('Control and A selects nothing of the page, and whatever selects it, what is drawn is drawn', async (world) => {
  const [page, other] = [await world.open(), await world.open()];
  await draw(page, ZIGZAG);
  await settled(other, 1);
  await page.keyboard.press('Control+a');
  assert.equal(await selected(page), '');
  await draw(page, [[300, 600], [800, 600]]);
  await settled(other, 2);
  // By the browser's menu there is no way to keep it from that.
  await page.evaluate(() => getSelection().selectAllChildren(document.body));
  for (const y of [620, 640]) await draw(page, [[300, y], [800, y]]);
  await settled(other, 4);
  await page.keyboard.press('h');
  await page.evaluate(() => getSelection().selectAllChildren(document.body));
  const before = (await ink(page)).box;
  await draw(page, [[300, 200], [300, 150]]);
  await until(page, ({ box }) => box[1] < before[1] - 40, 'the board is moved');
  // Where something is written, and where something is to be read, it is for that.
  await page.keyboard.press('c');
  await page.keyboard.type('said');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('x');
  assert.equal(await page.locator('#chat textarea').inputValue(), 'x');
  await page.keyboard.press('Enter');
  await settled(page, 5);
  await page.locator('#messages').focus();
  await page.keyboard.press('Control+a');
  assert.match(await selected(page), /x/);
});
