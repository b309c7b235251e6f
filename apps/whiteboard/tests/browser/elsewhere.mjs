// A board on another machine, by plain http; and browsers that lack what new ones have.

import assert from 'node:assert/strict';

import { ZIGZAG, draw, fingers, ink, PHONE, scene, settled, until } from './harness.mjs';

/** Draws, writes, pastes, says and saves: what a person does on a board. */
async function everything(page, revision = 0) {
  await draw(page, ZIGZAG);
  await settled(page, revision + 1);
  await page.keyboard.press('t');
  await page.mouse.click(400, 600);
  await page.keyboard.type('a note \u{1f469}\u200d\u{1f680}');
  await page.keyboard.press('Control+Enter');
  await settled(page, revision + 2);
  await page.keyboard.press('p');
  await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [200, 100];
    canvas.getContext('2d').fillRect(0, 0, 200, 100);
    const dataTransfer = new DataTransfer();
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
    dataTransfer.items.add(new File([blob], 'black.png', { type: 'image/png' }));
    document.querySelector('#moving').dispatchEvent(
      new DragEvent('drop', { bubbles: true, clientX: 900, clientY: 600, dataTransfer }),
    );
  });
  await settled(page, revision + 3);
  await page.locator('#me-toggle').click();
  await page.locator('#me-name').fill('\u{1f469}\u200d\u{1f680} Kim');
  await page.keyboard.press('Enter');
  await page.locator('#chat-toggle').click();
  await page.locator('#chat textarea').fill('Hello.');
  await page.locator('#chat textarea').press('Enter');
  await settled(page, revision + 4);
  await page.locator('#chat-close').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('[data-do=save]').click()]);
  assert.match(download.suggestedFilename(), /\.png$/);
  await page.keyboard.press('Control+z');
  await settled(page, revision + 5);
}

scene('over plain http from another machine everything works as it does here', async (world) => {
  await world.elsewhere();
  const [a, b] = [await world.open(), await world.open()];
  assert.equal(await a.evaluate(() => isSecureContext), false, 'this is what it is about');
  await everything(a);
  await settled(b, 5);
  const seen = await ink(b);
  assert.ok(seen.drawn > 1000, `${seen.drawn} pixels`);
  await until(a, ({ hash }) => hash === seen.hash, 'the same ink');
  await a.keyboard.press('e');
  await draw(a, [[420, 250], [420, 540]]);
  await settled(b, 6);
  await a.locator('#copy-link').click();
  await a.locator('.toast', { hasText: `The link to this board is ${world.url}/` }).waitFor();

  const phone = await world.open(PHONE);
  await settled(phone, 6);
  const hand = await fingers(phone);
  await hand.down([80, 350]);
  for (let step = 1; step <= 20; step += 1) await hand.move([80 + step * 11, 350 + 90 * Math.sin(step / 3)]);
  await hand.up();
  await settled(b, 7);
});

scene('a browser that knows neither merged moves nor characters draws and writes all the same', async (world) => {
  const page = await world.open({
    prepare: (fresh) => fresh.addInitScript(() => {
      delete PointerEvent.prototype.getCoalescedEvents;
      delete Intl.Segmenter;
    }),
  });
  await everything(page);
});
