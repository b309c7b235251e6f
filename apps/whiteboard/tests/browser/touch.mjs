// Fingers and a stylus on glass.

import assert from 'node:assert/strict';

import { PHONE, assertBox, fingers, ink, picture, scene, settled, stylus, until, untilBox } from './harness.mjs';

async function curve(hand) {
  await hand.down([80, 350]);
  for (let step = 1; step <= 20; step += 1) await hand.move([80 + step * 11, 350 + 90 * Math.sin(step / 3)]);
  await hand.up();
}

scene('a finger draws on a phone, and the desktop sees it', async (world) => {
  const [phone, desktop] = [await world.open(PHONE), await world.open()];
  await picture(phone, 'phone-empty');
  const hand = await fingers(phone);
  await curve(hand);
  await settled(phone, 1);
  await settled(desktop, 1);
  assert.ok((await ink(desktop)).drawn > 500);
  assert.equal(await phone.evaluate(() => document.querySelector('#still').width), 2 * PHONE.viewport.width, 'sharp');
  await picture(phone, 'phone');
});

scene('two fingers move and zoom, and draw nothing', async (world) => {
  const phone = await world.open(PHONE);
  const hand = await fingers(phone);
  await curve(hand);
  await settled(phone, 1);
  const before = (await ink(phone)).box;
  // One comes after the other, as fingers do; the first has begun to draw.
  await hand.down([150, 400]);
  await hand.move([152, 402]);
  await hand.down([152, 402], [250, 400]);
  for (let step = 1; step <= 10; step += 1) await hand.move([152, 402 + step * 5], [250, 400 + step * 5]);
  await hand.up();
  const moved = [before[0], before[1] + 50, before[2], before[3] + 50];
  await untilBox(phone, moved, 1);
  await hand.down([170, 420], [230, 420]);
  for (let step = 1; step <= 10; step += 1) await hand.move([170 - step * 3, 420], [230 + step * 3, 420]);
  await hand.up();
  // The last of the moves may be drawn later than the fingers are up.
  const about = ({ box }) => Math.abs((box[1] - 420) - 2 * (moved[1] - 420)) < 4;
  await until(phone, (ink) => ink.box[3] - ink.box[1] > 1.8 * (moved[3] - moved[1]) && about(ink), 'they zoomed about the middle between them');
  assert.equal(await phone.locator('[data-do=ownSize]').textContent(), '200 %');
  assert.equal((await ink(phone, '#moving')).drawn, 0, 'the line of the first finger is gone');
  await curve(hand);
  await settled(phone, 2);
});

scene('while a stylus draws, the hand that rests on the glass does nothing', async (world) => {
  const tablet = await world.open({ hasTouch: true });
  const [pen, hand] = [await stylus(tablet), await fingers(tablet)];
  await pen.down([300, 300], 0.5);
  await pen.move([350, 300], 0.5);
  await hand.down([500, 600]);
  await hand.move([520, 640]);
  await pen.move([500, 300], 0.5);
  await hand.up();
  await pen.up([500, 300]);
  await settled(tablet, 1);
  assertBox((await ink(tablet)).box, [298, 298, 502, 302]);

  // The hand that is there first has begun to draw.
  await hand.down([500, 600]);
  await hand.move([520, 640]);
  await pen.down([300, 400], 0.5);
  await pen.move([500, 400], 0.5);
  await pen.up([500, 400]);
  await hand.up();
  await settled(tablet, 2);
  assertBox((await ink(tablet)).box, [298, 298, 502, 402]);

  await tablet.keyboard.press('h');
  await pen.down([300, 500], 0.5);
  await hand.down([600, 600]);
  await hand.move([700, 650]);
  await pen.move([350, 500], 0.5);
  await hand.up();
  await pen.up([350, 500]);
  assertBox((await ink(tablet)).box, [348, 298, 552, 402]);
  assert.equal(await tablet.locator('[data-do=ownSize]').textContent(), '100 %');
});

scene('on the narrowest phone every button lies on the screen, above no other, and can be hit', async (world) => {
  const small = { ...PHONE, viewport: { width: 320, height: 568 } };
  const [phone, ...others] = [await world.open({ ...small, path: '/b/a-board-with-a-long-name' })];
  for (let people = 0; people < 4; people += 1) others.push(await world.open({ path: '/b/a-board-with-a-long-name' }));
  await phone.locator('#people[data-count="5"]').waitFor();
  const check = async (where) => {
    const boxes = [];
    for (const button of await phone.locator(`${where} button:visible, ${where} label:visible`).all()) {
      const { x, y, width, height } = await button.boundingBox();
      const name = `${await button.getAttribute('aria-label') ?? await button.textContent()} ${JSON.stringify([x, y, width, height])}`;
      assert.ok(x >= 0 && y >= 0 && x + width <= 320 && y + height <= 568, `${name} is off the screen`);
      assert.ok(width >= 30 && height >= 38, `${name} is too small for a finger`);
      for (const other of boxes) {
        const apart = x >= other.x + other.width - 1 || other.x >= x + width - 1 || y >= other.y + other.height - 1 || other.y >= y + height - 1;
        assert.ok(apart, `${name} lies on ${other.name}`);
      }
      boxes.push({ x, y, width, height, name });
    }
    return boxes.length;
  };
  assert.ok(await check('#top') >= 5);
  assert.ok(await check('#toolbar') >= 8);
  await picture(phone, 'narrow');
  await phone.getByRole('button', { name: 'Colour and width' }).tap();
  assert.ok(await check('#ink') >= 13);
  await picture(phone, 'narrow-ink');
  await phone.getByRole('button', { name: 'More' }).tap();
  assert.ok(await check('#more') >= 4);
  assert.ok(await check('#zoom') >= 4);
  await picture(phone, 'narrow-more');
  for (const other of others) await other.close();
});

scene('on a phone a long text is seen while it is written, wherever it begins', async (world) => {
  for (const [path, width, text] of [
    ['/b/left', 390, 'We draw the way of an order from the shop to the store, and write down who waits for whom. '.repeat(2)],
    ['/b/right', 320, '\u05d4\u05dc\u05d5\u05d7 \u05d4\u05d6\u05d4 '.repeat(20)],
  ]) {
    const phone = await world.open({ ...PHONE, viewport: { width, height: 600 }, path });
    await phone.getByRole('button', { name: 'Text', exact: true }).tap();
    await phone.touchscreen.tap(path === '/b/left' ? width - 60 : 60, 480);
    await phone.keyboard.type(text);
    const box = await phone.locator('#writing textarea').boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= width + 1, `${JSON.stringify(box)} is as wide as the window at most`);
    assert.ok(box.y >= 60 && box.y + box.height <= 540, `${JSON.stringify(box)} is not under the bars`);
    const letters = await phone.locator('#writing textarea').evaluate((area) => Number.parseFloat(getComputedStyle(area).fontSize));
    assert.ok(letters >= 12, `${letters} pixels can be read`);
    await picture(phone, `phone-writing-${width}`);
    await phone.keyboard.press('Escape');
    const seen = await until(phone, ({ drawn }) => drawn > 500, 'the note');
    assert.ok(seen.box[0] >= 0 && seen.box[2] <= width, `${seen.box}`);
  }
});

scene('on a phone everything is reached from the lower edge', async (world) => {
  const phone = await world.open(PHONE);
  const hand = await fingers(phone);
  await curve(hand);
  await phone.getByRole('button', { name: 'Colour and width' }).tap();
  await phone.getByRole('button', { name: 'Red', exact: true }).tap();
  await picture(phone, 'phone-ink');
  await hand.down([80, 500]);
  for (let step = 1; step <= 20; step += 1) await hand.move([80 + step * 11, 500]);
  await hand.up();
  await settled(phone, 2);
  assert.ok((await ink(phone)).colours.includes(0xd9342b));
  assert.equal(await phone.getByRole('button', { name: 'Red', exact: true }).isVisible(), false, 'drawing closes it');
  await phone.getByRole('button', { name: 'Undo' }).tap();
  await settled(phone, 3);
  await phone.getByRole('button', { name: 'More' }).tap();
  await picture(phone, 'phone-more');
  for (const name of ['Add a picture', 'Save as a picture', 'Clear the board', 'Zoom in', 'Show everything']) {
    const box = await phone.getByRole('button', { name }).boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.y > 560 && box.y + box.height <= 844, `${name}: ${JSON.stringify(box)}`);
    assert.ok(box.width >= 40 && box.height >= 40, `${name} is large enough for a thumb`);
  }
});
