// Moving and zooming the board: what is drawn lies where the pointer was.

import assert from 'node:assert/strict';

import { assertBox, draw, ink, picture, scene, settled, until, untilBox } from './harness.mjs';

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
  await untilBox(a, moved(40, 70));

  const drag = async (button) => {
    await a.mouse.move(600, 400);
    await a.mouse.down({ button });
    await a.mouse.move(650, 430, { steps: 4 });
    await a.mouse.up({ button });
  };
  await a.keyboard.down('Space');
  await drag('left');
  await a.keyboard.up('Space');
  await untilBox(a, moved(90, 100));
  await drag('middle');
  await untilBox(a, moved(140, 130));
  await a.keyboard.press('h');
  await drag('left');
  await untilBox(a, moved(190, 160));
  await a.keyboard.press('ArrowRight');
  await untilBox(a, moved(126, 160));
  assert.equal((await ink(b)).box[0] < 300, true, 'each window shows what it likes');

  // What is drawn now lies for B where it lies on the board.
  await a.keyboard.press('p');
  await draw(a, [[626, 660], [826, 660]]);
  await settled(b, 2);
  await untilBox(b, [298, 298, 702, 502]);
});

scene('the middle button moves the board, and pastes nothing that was selected', async (world) => {
  const page = await world.open();
  await draw(page, LINE);
  await settled(page, 1);
  // Where a selection is pasted by the middle button: by some systems, and by Chromium without a screen.
  await page.evaluate(() => {
    const field = document.createElement('input');
    document.body.append(field);
    field.focus();
  });
  await page.keyboard.type('selected');
  await page.keyboard.press('Control+a');
  await page.evaluate(() => document.querySelector('body > input:last-child').remove());
  await page.mouse.move(600, 400);
  await page.mouse.down({ button: 'middle' });
  await page.mouse.move(640, 470, { steps: 4 });
  await page.mouse.up({ button: 'middle' });
  await untilBox(page, moved(40, 70));
  await draw(page, [[700, 600], [800, 600]]);
  await settled(page, 2);
  assert.equal(await page.locator('body').getAttribute('data-revision'), '2', 'the line is the second thing on the board');
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

/** The colour that a part of the window has on the whole, as it is seen. */
async function seen(page, x, y) {
  const shot = await page.screenshot({ clip: { x, y, width: 64, height: 64 } });
  return page.evaluate(async (bytes) => {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [1, 1];
    canvas.getContext('2d').drawImage(bitmap, 0, 0, 1, 1);
    return [...canvas.getContext('2d').getImageData(0, 0, 1, 1).data].slice(0, 3);
  }, [...shot]);
}

const brightness = (colour) => colour.reduce((sum, part) => sum + part, 0) / 3;

for (const colorScheme of ['light', 'dark']) {
  scene(`where the board ends is seen, on ${colorScheme} paper`, async (world) => {
    const page = await world.open({ colorScheme });
    const paper = await seen(page, 300, 300);
    assert.ok(colorScheme === 'light' ? brightness(paper) > 235 : brightness(paper) < 45, `${paper} is paper`);
    await page.mouse.move(640, 400);
    await page.mouse.wheel(-40_000, -40_000);
    await page.waitForFunction(() => document.querySelector('#edge').getBoundingClientRect().left > 600);
    await picture(page, `desktop-edge-${colorScheme}`);
    const [beyond, within] = [await seen(page, 300, 500), await seen(page, 900, 500)];
    assert.ok(Math.abs(brightness(within) - brightness(paper)) < 3, `${within} is paper`);
    assert.ok(brightness(paper) - brightness(beyond) > 10, `${beyond} is none`);
    await page.keyboard.press('0');
    for (let times = 0; times < 30; times += 1) await page.keyboard.press('-');
    await page.mouse.wheel(40_000, 40_000);
    await page.waitForFunction(() => document.querySelector('#edge').getBoundingClientRect().right < 700);
    const [inside, outside] = [await seen(page, 300, 200), await seen(page, 900, 500)];
    assert.ok(brightness(inside) - brightness(outside) > 10, `${inside} and ${outside} at the other corner`);
  });
}

scene('a stroke ends at the edge of the board, goes on where the pointer comes back, and is one step', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  for (const page of [a, b]) {
    await page.mouse.move(640, 400);
    await page.mouse.wheel(-40_000, 0);
    await page.waitForFunction(() => document.querySelector('#edge').getBoundingClientRect().left > 600);
  }
  // The edge is in the middle of the window.
  await draw(a, [[900, 250], [400, 300], [400, 500], [900, 550]]);
  await settled(b, 2);
  const { box } = await until(b, ({ drawn }) => drawn > 500, 'two lines');
  assertBox(box, [638, 248, 902, 552]);
  const along = await b.evaluate(() => {
    const { data } = document.querySelector('#still').getContext('2d').getImageData(630, 290, 20, 220);
    return data.filter((value, at) => at % 4 === 3 && value > 0).length;
  });
  assert.equal(along, 0, 'nothing is drawn along the edge');
  assert.deepEqual(await ink(a), await ink(b));
  // What never comes on the board is nothing, and no step.
  await draw(a, [[300, 300], [500, 600], [300, 600]]);
  await a.keyboard.press('Control+z');
  await settled(b, 3);
  assert.equal((await ink(b)).drawn, 0);
  await a.keyboard.press('t');
  await a.mouse.click(300, 300);
  await a.locator('.toast', { hasText: 'The board ends here' }).waitFor();
  assert.equal(await a.locator('#writing textarea').count(), 0);
  await a.keyboard.press('p');
  await draw(a, [[300, 300], [900, 300]]);
  await settled(b, 4);
  assertBox((await until(b, ({ drawn }) => drawn > 500, 'a line that began beyond')).box, [638, 298, 902, 302]);
  await a.mouse.move(300, 400);
  await b.locator('.cursor').waitFor();
});
