// The pen, and what others see of it.

import assert from 'node:assert/strict';

import { ZIGZAG, assertBox, draw, ink, live, picture, scene, settled, stylus, until } from './harness.mjs';

scene('A draws with the mouse, B sees it grow and then has the same ink', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await a.mouse.move(...ZIGZAG[0]);
  await a.mouse.down();
  await a.mouse.move(...ZIGZAG[1], { steps: 10 });
  await b.locator('body[data-live="1"]').waitFor();
  await b.waitForFunction(() => {
    const canvas = document.querySelector('#others');
    return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
  });
  assert.equal((await ink(b)).drawn, 0, 'nothing is finished yet');
  const [x, y] = ZIGZAG[1];
  await b.waitForFunction(([wantX, wantY]) => {
    const box = document.querySelector('.cursor')?.getBoundingClientRect();
    return box && Math.abs(box.x - wantX) < 4 && Math.abs(box.y - wantY) < 4;
  }, [x, y]);
  await picture(b, 'desktop-live');
  await a.mouse.up();

  await draw(b, [[900, 600], [1000, 450], [1100, 600]]);
  await settled(a, 2);
  await settled(b, 2);
  const [atA, atB] = [await ink(a), await ink(b)];
  assert.ok(atA.drawn > 1000, `${atA.drawn} pixels`);
  assert.deepEqual(atA, atB);
  for (const canvas of ['#others', '#moving']) assert.equal((await ink(a, canvas)).drawn, 0, 'what is finished is drawn once');
});

scene('a stylus draws as wide as it presses', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  const pen = await stylus(a);
  await a.keyboard.press(']');
  await a.keyboard.press(']');
  await pen.down([300, 400], 0.1);
  for (let step = 1; step <= 40; step += 1) await pen.move([300 + step * 10, 400], 0.1 + step * 0.02);
  await pen.up([700, 400]);
  await settled(a, 1);
  await settled(b, 1);
  const high = await b.evaluate(() => [330, 500, 670].map((x) => {
    const { data } = document.querySelector('#still').getContext('2d').getImageData(x, 0, 1, 800);
    return data.filter((value, at) => at % 4 === 3 && value > 128).length;
  }));
  // A nib of 20 units, pressed from 0.1 to 0.9, where 0.5 is normal.
  [6, 20, 34].forEach((expected, at) => assert.ok(Math.abs(high[at] - expected) <= 3, `${high} pixels high`));
  assert.deepEqual(await ink(a), await ink(b));
  await a.mouse.move(300, 600);
  await draw(a, [[300, 600], [700, 600]]);
  await settled(a, 2);
  const mouse = await a.evaluate(() => {
    const { data } = document.querySelector('#still').getContext('2d').getImageData(500, 550, 1, 100);
    return data.filter((value, at) => at % 4 === 3 && value > 128).length;
  });
  assert.equal(mouse, 20, 'a mouse presses normally');
  await picture(b, 'desktop-pressure');
});

scene('colours and widths are chosen in the toolbar and by keys', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await a.getByRole('button', { name: 'Red', exact: true }).click();
  assert.equal(await a.getByRole('button', { name: 'Red', exact: true }).getAttribute('aria-pressed'), 'true');
  await a.getByRole('button', { name: /^Broad/ }).click();
  await draw(a, [[300, 300], [700, 300]]);
  await settled(b, 1);
  assert.equal((await ink(b)).colours[0], 0xd9342b);
  assertBox((await ink(b)).box, [290, 290, 710, 310]);
  await a.keyboard.press('Shift+Digit4');
  await a.locator('#width').fill('40');
  await draw(a, [[300, 500], [700, 500]]);
  await settled(b, 2);
  assert.equal((await ink(b)).colours[0], 0x2f9e44);
  assertBox((await ink(b)).box, [280, 290, 720, 520]);
  await a.locator('#colour').fill('#00aaff');
  await draw(a, [[300, 600], [700, 600]]);
  await settled(b, 3);
  assert.ok((await ink(b)).colours.includes(0x00aaff));
});

scene('a very long stroke is kept whole without the person noticing, and is one step', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await a.mouse.move(100, 400);
  await a.mouse.down();
  // 3000 moves of the real mouse would take a minute; these are the same events.
  await a.evaluate(() => {
    const canvas = document.querySelector('#moving');
    for (let step = 1; step <= 3000; step += 1) {
      const [clientX, clientY] = [100 + step / 3, 400 + 250 * Math.sin(step / 25)];
      canvas.dispatchEvent(new PointerEvent('pointermove', { pointerId: 1, clientX, clientY }));
    }
  });
  await a.mouse.up();
  await settled(a, 2);
  await settled(b, 2);
  assert.ok((await ink(a)).drawn > 5000);
  assert.deepEqual(await ink(a), await ink(b));
  await picture(b, 'desktop-long');
  assert.equal(await a.locator('.toast').count(), 0, 'nothing was refused');
  await a.keyboard.press('Control+z');
  await settled(b, 3);
  assert.equal((await ink(b)).drawn, 0, 'both parts go together');
});

scene('an empty board says what can be done, until there is something on it', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await a.locator('#hint').waitFor();
  assert.match(await a.locator('#hint').textContent(), /Draw .*Space.*drag.*Ctrl.*wheel.*\?/s);
  await picture(a, 'desktop-empty');
  await b.mouse.move(...ZIGZAG[0]);
  await b.mouse.down();
  await b.mouse.move(...ZIGZAG[1], { steps: 4 });
  await a.locator('#hint').waitFor({ state: 'hidden' });
  await b.mouse.up();
  await settled(a, 1);
  await a.reload();
  await live(a);
  assert.equal(await a.locator('#hint').isVisible(), false);
});

scene('ink is drawn again where something was taken away, as if it had been drawn at once', async (world) => {
  const page = await world.open();
  for (let at = 0; at < 6; at += 1) {
    await page.keyboard.press(`Shift+Digit${at + 1}`);
    await draw(page, [[300 + at * 60, 200], [800 - at * 60, 600]]);
  }
  await settled(page, 6);
  await page.keyboard.press('e');
  await draw(page, [[420, 200], [420, 230]]);
  await settled(page, 7);
  const repaired = await ink(page);
  await page.reload();
  await live(page);
  await settled(page, 7);
  assert.deepEqual(await ink(page), repaired);
});

scene('on dark paper dark ink is light, and only there', async (world) => {
  const [dark, light] = [await world.open({ colorScheme: 'dark' }), await world.open()];
  await draw(dark, ZIGZAG);
  await settled(dark, 1);
  await settled(light, 1);
  const bright = ([colour]) => ((colour >> 16) + ((colour >> 8) & 255) + (colour & 255)) / 3;
  assert.ok(bright((await ink(dark)).colours) > 180, 'light on dark');
  assert.equal((await ink(light)).colours[0], 0x23262d);
  await dark.emulateMedia({ colorScheme: 'light' });
  // The page draws anew in its next frame.
  const { hash } = await ink(light);
  await until(dark, (seen) => seen.hash === hash, 'the paper changed, and the ink with it');
  assert.deepEqual(await ink(dark), await ink(light));
  await dark.emulateMedia({ colorScheme: 'dark' });
  await picture(dark, 'desktop-dark');
});

scene('a click and a tap draw a dot, as wide as the pen, and everyone sees it', async (world) => {
  const [a, b] = [await world.open({ hasTouch: true }), await world.open()];
  await a.getByRole('button', { name: /^Broad/ }).click();
  await a.mouse.move(400, 300);
  await a.mouse.down();
  const drawing = await ink(a, '#moving');
  assertBox(drawing.box, [390, 290, 410, 310], 1);
  await a.mouse.up();
  await settled(b, 1);
  const dot = await until(b, ({ drawn }) => drawn > 0, 'a dot');
  assertBox(dot.box, [390, 290, 410, 310], 1);
  assert.ok(Math.abs(dot.drawn - Math.PI * 100) < 60, `${dot.drawn} pixels are a disc`);
  await a.touchscreen.tap(500, 300);
  await settled(b, 2);
  const both = await until(b, ({ drawn }) => drawn > dot.drawn, 'another');
  assertBox(both.box, [390, 290, 510, 310], 1);
  assert.deepEqual(await ink(a), both);
  // A hand that rests on the glass moves by less than a pixel.
  await a.mouse.move(600, 300);
  await a.mouse.down();
  await a.mouse.move(600, 300);
  await a.mouse.up();
  await settled(b, 3);
  const three = await until(b, ({ drawn }) => drawn > both.drawn, 'a third');
  assertBox(three.box, [390, 290, 610, 310], 1);
  await a.keyboard.press('e');
  await a.mouse.click(400, 300);
  await settled(b, 4);
  assertBox((await until(b, ({ drawn }) => drawn < three.drawn, 'one is erased')).box, [490, 290, 610, 310], 1);
});
