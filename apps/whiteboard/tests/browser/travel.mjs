// Time travel: the board as it was, on a server with a journal and on one without.

import assert from 'node:assert/strict';

import { PHONE, ZIGZAG, draw, ink, picture, scene, settled } from './harness.mjs';

const LOW = [[300, 600], [500, 620], [700, 600]];

const at = (page, step) => page.locator(`body[data-past="${step}"]`).waitFor();
const what = (page) => page.locator('#travel .what').textContent();

/** Moves the slider as a hand does: the browser tells of each value. */
const slide = (page, step) => page.locator('#travel input').evaluate((slider, value) => {
  slider.value = String(value);
  slider.dispatchEvent(new Event('input', { bubbles: true }));
}, step);

async function named(page, name) {
  await page.locator('#me-toggle').click();
  await page.locator('#me-name').fill(name);
  await page.locator('#me-name').press('Enter');
}

scene('the slider shows the board as it was, and back to now shows what came meanwhile', async (world) => {
  await world.serve('--journal');
  const page = await world.open();
  await named(page, 'Ada');
  await draw(page, ZIGZAG);
  await settled(page, 1);
  const first = await ink(page);
  await draw(page, LOW);
  await settled(page, 2);
  const both = await ink(page);
  await page.keyboard.press('Control+z');
  await settled(page, 3);

  await page.locator('#toolbar [data-do=past]').click();
  await at(page, 3);
  assert.equal(await page.locator('#travel .where').textContent().then((text) => text.split(' \u00b7 ')[1]), '3 of 3');
  assert.equal((await ink(page, '#past canvas')).hash, first.hash, 'as it is now');
  assert.equal(await what(page), 'Ada took away one thing');
  await slide(page, 2);
  await at(page, 2);
  assert.equal((await ink(page, '#past canvas')).hash, both.hash);
  assert.equal(await what(page), 'Ada drew a line');
  await picture(page, 'desktop-history');
  await slide(page, 1);
  await at(page, 1);
  assert.equal((await ink(page, '#past canvas')).hash, first.hash);
  await slide(page, 0);
  await at(page, 0);
  assert.equal((await ink(page, '#past canvas')).drawn, 0);

  // Nothing is drawn on the past, with the mouse, by a key or by undoing.
  await draw(page, ZIGZAG.map(([x, y]) => [x, y - 40]));
  await page.keyboard.press('Delete');
  await page.keyboard.press('Control+z');
  assert.equal(await page.locator('dialog[open]').count(), 0);
  // Meanwhile another draws.
  const other = await world.open();
  await draw(other, LOW.map(([x, y]) => [x, y - 200]));
  await settled(other, 4);
  await settled(page, 4);
  assert.equal((await ink(page, '#past canvas')).drawn, 0, 'it goes on behind');
  await page.locator('#travel [data-does=end]').click();
  assert.equal(await page.locator('body[data-past]').count(), 0);
  await page.keyboard.press('1');
  await settled(page, 4);
  assert.ok((await ink(page)).drawn > first.drawn, 'what came meanwhile is there');
  await settled(other, 4);
});

scene('the history is played, and all of it works by keyboard', async (world) => {
  await world.serve('--journal');
  const page = await world.open();
  await draw(page, ZIGZAG);
  await settled(page, 1);
  await draw(page, LOW);
  await settled(page, 2);
  await page.locator('#moving').focus();
  await page.keyboard.press('b');
  await at(page, 2);
  const slider = page.locator('#travel input');
  assert.ok(await slider.evaluate((one) => one === document.activeElement));
  await page.keyboard.press('Home');
  await at(page, 0);
  assert.equal(await slider.getAttribute('aria-valuetext'), 'Before the history begins, 0 of 2');
  await page.keyboard.press('ArrowRight');
  await at(page, 1);
  assert.match(await slider.getAttribute('aria-valuetext'), /^\S.* drew a line, .*\d\d:\d\d:\d\d \u00b7 1 of 2$/);
  await page.keyboard.press('Home');
  await page.locator('#travel select').selectOption('64');
  await page.locator('#travel [data-does=play]').click();
  await at(page, 2);
  await page.locator('#travel [aria-label=Play]').waitFor();
  await page.locator('#travel [aria-label="One step back"]').click();
  await at(page, 1);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#travel').isVisible(), false);
  assert.ok(await page.locator('#toolbar').isVisible());
});

scene('what was there before the journal began is there from the start of the history', async (world) => {
  const page = await world.open();
  await draw(page, ZIGZAG);
  await settled(page, 1);
  const before = await ink(page);
  await page.close();
  await world.serve('--journal');
  const again = await world.open();
  await again.keyboard.press('e');
  await draw(again, [ZIGZAG[0], ZIGZAG[1]]);
  await settled(again, 2);
  assert.equal((await ink(again)).drawn, 0);
  await again.keyboard.press('b');
  await at(again, 1);
  assert.equal((await ink(again, '#past canvas')).drawn, 0);
  await slide(again, 0);
  await at(again, 0);
  assert.equal((await ink(again, '#past canvas')).hash, before.hash);
  await again.keyboard.press('Escape');
});

scene('a server without a journal, and a board without a history, say so', async (world) => {
  const page = await world.open();
  await page.keyboard.press('b');
  await page.locator('.toast', { hasText: 'keeps no history' }).waitFor();
  assert.equal(await page.locator('#travel').isVisible(), false);
  await world.serve('--journal');
  const empty = await world.open({ path: '/b/empty' });
  await empty.keyboard.press('b');
  await empty.locator('.toast', { hasText: 'Nothing on this board is in the history yet' }).waitFor();
  assert.equal(await empty.locator('body[data-past]').count(), 0);
});

for (const [width, scheme] of [[1280, 'light'], [1280, 'dark'], [320, 'light'], [320, 'dark']]) {
  scene(`the bar of the history is in a window ${width} wide, ${scheme}`, async (world) => {
    await world.serve('--journal');
    const phone = { ...PHONE, viewport: { width, height: 640 } };
    const page = await world.open({ ...(width < 600 ? phone : {}), colorScheme: scheme });
    await named(page, 'Ada with quite a long name');
    const inside = (places) => places.map(([x, y]) => [(x * width) / 1280 + 10, y * 0.6 + 40]);
    await draw(page, inside(ZIGZAG));
    await settled(page, 1);
    await draw(page, inside(LOW));
    await settled(page, 2);
    if (width < 600) await page.locator('#toolbar [data-open=more]').click();
    await picture(page, `history-more-${width}-${scheme}`);
    await page.locator('#toolbar [data-do=past]').click();
    await at(page, 2);
    await slide(page, 1);
    await at(page, 1);
    const boxes = await page.locator('#travel, #travel button, #travel input, #travel select').evaluateAll((all) => all.map((one) => {
      const { left, right, top, bottom } = one.getBoundingClientRect();
      return { left, right, top, bottom };
    }));
    for (const { left, right, top, bottom } of boxes) {
      assert.ok(left >= 0 && right <= width && top >= 0 && bottom <= innerHeight(page), JSON.stringify({ left, right, top, bottom }));
      assert.ok(bottom - top >= 44, 'a finger finds it');
    }
    await picture(page, `history-${width}-${scheme}`);
    await page.locator('#travel [data-does=end]').click();
  });
}

const innerHeight = (page) => page.viewportSize().height;
