// Moving and zooming the board: what is drawn lies where the pointer was.

import assert from 'node:assert/strict';

import { assertBox, draw, ink, picture, scene, settled, until } from './harness.mjs';

const LINE = [[300, 300], [500, 300]];
const moved = (dx, dy) => [298 + dx, 298 + dy, 502 + dx, 302 + dy];
const zoomOf = (page) => page.locator('[data-do=ownSize]').textContent();

scene('the wheel, the space bar, the middle button, the hand and the arrows move the board', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await draw(a, LINE);
  await settled(a, 1);
  await a.mouse.move(640, 400);
  await a.mouse.wheel(-40, -70);
  await until(a, ({ box }) => box[0] > 330, 'the wheel');
  assertBox((await ink(a)).box, moved(40, 70));

  const drag = async (button) => {
    await a.mouse.move(600, 400);
    await a.mouse.down({ button });
    await a.mouse.move(650, 430, { steps: 4 });
    await a.mouse.up({ button });
  };
  await a.keyboard.down('Space');
  await drag('left');
  await a.keyboard.up('Space');
  assertBox((await ink(a)).box, moved(90, 100));
  await drag('middle');
  assertBox((await ink(a)).box, moved(140, 130));
  await a.keyboard.press('h');
  await drag('left');
  assertBox((await ink(a)).box, moved(190, 160));
  await a.keyboard.press('ArrowRight');
  assertBox((await ink(a)).box, moved(126, 160));
  assert.equal((await ink(b)).box[0] < 300, true, 'each window shows what it likes');

  // What is drawn now lies for B where it lies on the board.
  await a.keyboard.press('p');
  await draw(a, [[626, 660], [826, 660]]);
  await settled(b, 2);
  assertBox((await ink(b)).box, [298, 298, 702, 502]);
});

scene('zooming keeps what is under the pointer', async (world) => {
  const page = await world.open();
  await draw(page, LINE);
  await settled(page, 1);
  await page.mouse.move(300, 300);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -1000);
  await page.keyboard.up('Control');
  const large = await until(page, ({ box }) => box[2] > 510, 'the zoom');
  assert.ok(Math.abs(large.box[0] - 300) < 6 && Math.abs((large.box[1] + large.box[3]) / 2 - 300) < 3, `${large.box}`);
  const scale = (large.box[2] - large.box[0]) / 204;
  assert.equal(await zoomOf(page), `${Math.round(scale * 100)} %`);
  await page.mouse.click(300, 320);
  await page.keyboard.press('Control+z');
  await page.keyboard.press('0');
  assert.equal(await zoomOf(page), '100 %');
  await page.keyboard.press('+');
  assert.equal(await zoomOf(page), '125 %');
  await page.keyboard.press('-');
  await page.getByRole('button', { name: 'Zoom out' }).click();
  assert.equal(await zoomOf(page), '80 %');
  for (let times = 0; times < 30; times += 1) await page.keyboard.press('-');
  assert.equal(await zoomOf(page), '5 %');
  for (let times = 0; times < 40; times += 1) await page.keyboard.press('+');
  assert.equal(await zoomOf(page), '800 %');
});

scene('everything is shown on request, and to who comes to a large board', async (world) => {
  const a = await world.open();
  await draw(a, LINE);
  await a.mouse.move(640, 400);
  await a.mouse.wheel(3000, 1500);
  await draw(a, LINE);
  await settled(a, 2);
  await a.keyboard.press('1');
  const all = (await ink(a)).box;
  assert.ok(all[0] > 0 && all[1] > 0 && all[2] < 1280 && all[3] < 740 && all[2] - all[0] > 1000, `${all}`);
  const b = await world.open();
  await settled(b, 2);
  assertBox((await ink(b)).box, all, 1);
  await picture(b, 'desktop-everything');
});

scene('on a screen of two pixels to one, lines are sharp and lie where they were drawn', async (world) => {
  const page = await world.open({ deviceScaleFactor: 2 });
  assert.equal(await page.evaluate(() => document.querySelector('#still').width), 2560);
  await draw(page, LINE);
  await settled(page, 1);
  assertBox((await ink(page)).box, [298, 298, 502, 302], 0.6);
  await page.setViewportSize({ width: 1000, height: 700 });
  await until(page, ({ box }) => box[0] < 200, 'the window is smaller');
  assertBox((await ink(page)).box, [158, 248, 362, 252], 0.6);
});

scene('a board that is slow to draw moves all the same, and is exact when it rests', async (world) => {
  const [slow, fast] = [await world.open(), await world.open()];
  for (let at = 0; at < 5; at += 1) await draw(slow, [[250 + at * 100, 200], [350 + at * 100, 600], [500 + at * 100, 250]]);
  await settled(slow, 5);
  await settled(fast, 5);
  const machine = await slow.context().newCDPSession(slow);
  await machine.send('Emulation.setCPUThrottlingRate', { rate: 40 });
  for (const page of [slow, fast]) {
    await page.mouse.move(640, 400);
    for (let turns = 0; turns < 6; turns += 1) await page.mouse.wheel(30, 20);
  }
  const exact = await until(fast, ({ box }) => box[0] < 75, 'the wheel');
  await until(slow, ({ hash }) => hash === exact.hash, 'the same picture');
  await machine.send('Emulation.setCPUThrottlingRate', { rate: 1 });
});
