// What people do most, in Firefox: Debian's, by WebDriver BiDi. FIREFOX names it (default /usr/bin/firefox-esr).

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';

import puppeteer from 'puppeteer-core';

import { DESKTOP, ELSEWHERE, PATIENCE, World, ZIGZAG, assertBox, draw, ink, until } from './harness.mjs';

let browser;

after(() => browser?.close());

/** A test with a server on another machine, as it seems, and as many windows as it opens; no page may complain. */
function scene(name, play) {
  test(`Firefox: ${name}`, async () => {
    browser ??= await puppeteer.launch({
      browser: 'firefox',
      executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
      protocolTimeout: 4 * PATIENCE,
      extraPrefsFirefox: { 'network.dns.localDomains': ELSEWHERE },
    });
    const world = new World();
    const windows = [];
    try {
      await world.start();
      await world.elsewhere();
      world.window = async () => {
        const context = await browser.createBrowserContext();
        windows.push(context);
        const page = await context.newPage();
        page.setDefaultTimeout(PATIENCE);
        page.on('pageerror', (error) => {
          // That a connection failed is an error here too; what the page makes of it is tested.
          if (!error.message.includes('ws://')) world.complaints.push(String(error));
        });
        await page.setViewport(DESKTOP);
        await page.goto(world.url);
        await live(page);
        return page;
      };
      await play(world);
      assert.deepEqual(world.complaints, []);
    } finally {
      for (const context of windows) await context.close();
      await world.end();
    }
  });
}

const there = (page, selector) => page.waitForSelector(selector);
const live = (page) => there(page, 'body[data-state=live]');
const settled = (page, revision) => there(page, `body[data-revision="${revision}"][data-unacked="0"][data-live="0"]`);
const texts = (page) => page.$$eval('#notes li', (notes) => notes.map((note) => note.textContent));
const value = (page) => page.$eval('#writing textarea', (area) => area.value);

async function press(page, key) {
  const keys = key.split('+');
  const last = keys.pop();
  for (const held of keys) await page.keyboard.down(held);
  await page.keyboard.press(last);
  for (const held of keys.reverse()) await page.keyboard.up(held);
}

/** Puts a text on the clipboard, as one who writes it somewhere and cuts it out. */
async function copy(page, text) {
  await page.evaluate((given) => {
    const field = document.createElement('textarea');
    field.value = given;
    field.id = 'copied';
    document.body.append(field);
    field.focus();
  }, text);
  await press(page, 'Control+a');
  await press(page, 'Control+x');
  await page.evaluate(() => {
    document.querySelector('#copied').remove();
    document.querySelector('#moving').focus();
  });
}

async function picture(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, `firefox-${name}.png`) });
}

scene('A draws, B sees it grow and then has the same ink; a click is a dot', async (world) => {
  const [a, b] = [await world.window(), await world.window()];
  assert.equal(await a.evaluate(() => isSecureContext), false);
  await a.mouse.move(...ZIGZAG[0]);
  await a.mouse.down();
  await a.mouse.move(...ZIGZAG[1], { steps: 10 });
  await there(b, 'body[data-live="1"]');
  await there(b, '.cursor');
  await a.mouse.up();
  await draw(b, [[900, 600], [1000, 450], [1100, 600]]);
  await settled(a, 2);
  await settled(b, 2);
  const seen = await until(b, ({ drawn }) => drawn > 1000, 'two lines');
  await until(a, ({ hash }) => hash === seen.hash, 'the same ink');
  for (const canvas of ['#others', '#moving']) assert.equal((await ink(a, canvas)).drawn, 0, 'what is finished is drawn once');
  await a.mouse.click(200, 600);
  await settled(b, 3);
  assert.ok((await until(b, ({ drawn }) => drawn > seen.drawn, 'a dot')).box[0] < 202);
  await picture(b, 'drawn');
});

scene('a picture that is dropped is encoded so that the server takes it, also one that is transparent', async (world) => {
  const [a, b] = [await world.window(), await world.window()];
  for (const [at, alpha] of [1, 0.5].entries()) {
    await a.evaluate(async (opacity) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [200, 100];
      const context = canvas.getContext('2d');
      context.globalAlpha = opacity;
      context.fillRect(0, 0, 200, 100);
      const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([blob], 'black.png', { type: 'image/png' }));
      const place = { bubbles: true, clientX: 400, clientY: 300, dataTransfer };
      document.querySelector('#moving').dispatchEvent(new DragEvent('drop', place));
    }, alpha);
    await settled(b, at + 1);
  }
  assertBox((await until(b, ({ drawn }) => drawn >= 19_000, 'the picture')).box, [300, 250, 500, 350], 1);
});

scene('the eraser, undo and redo, and undo of what another erased', async (world) => {
  const [a, b] = [await world.window(), await world.window()];
  for (const y of [200, 300]) await draw(a, [[300, y], [800, y]]);
  await settled(b, 2);
  await press(b, 'e');
  await draw(b, [[500, 280], [500, 320]]);
  await settled(a, 3);
  assertBox((await until(a, ({ box }) => box[3] < 250, 'one line')).box, [298, 198, 802, 202]);
  await press(a, 'Control+z');
  await settled(b, 4);
  await until(b, ({ drawn }) => drawn === 0, 'the other is undone');
  await there(a, '[data-do=undo][aria-disabled=true]');
  await press(a, 'Control+y');
  await settled(b, 5);
  await until(b, ({ drawn }) => drawn > 500, 'it is done again');
});

scene('notes are typed where they will stand, wrap, and lie as they are written', async (world) => {
  const [a, b] = [await world.window(), await world.window()];
  const said = [
    'We draw the way of an order from the shop to the store, and write down at each arrow who waits for whom.',
    'A well-known state-of-the-art so-called first-come-first-served order-by-order half-hour-by-half-hour run',
    '\u05d4\u05dc\u05d5\u05d7 \u05d4\u05d6\u05d4 '.repeat(14).trim(),
  ];
  let revision = 0;
  for (const text of said) {
    await press(a, 't');
    await a.mouse.click(600, 250);
    await a.keyboard.type(text);
    const area = await (await there(a, '#writing textarea')).boundingBox();
    await picture(a, `writing-${revision}`);
    await press(a, 'Escape');
    revision += 1;
    await settled(b, revision);
    const { box: [left, top, right, bottom] } = await until(b, ({ drawn }) => drawn > 1000, text);
    assert.ok(top > area.y - 1 && Math.abs(bottom - area.y - area.height) < 20, `${text}: ${[top, bottom]} in ${JSON.stringify(area)}`);
    assert.ok(left > area.x - 3 && right < area.x + area.width + 3 && area.height > 60, `${text}: ${[left, right]}`);
    await b.waitForFunction((expected) => document.querySelector('#notes li')?.textContent === expected, {}, text);
    await press(a, 'Control+z');
    revision += 1;
    await settled(b, revision);
    await b.waitForFunction(() => !document.querySelector('#notes li'));
  }
});

scene('a text that is pasted becomes a note; into a full one nothing comes in, and what is there stays', async (world) => {
  const [a, b] = [await world.window(), await world.window()];
  await copy(a, 'from a mail,\nin two lines');
  await press(a, 'Control+v');
  await settled(b, 1);
  await there(b, '#notes li');
  assert.deepEqual(await texts(b), ['from a mail,\nin two lines']);
  const whole = Array.from({ length: 240 }, (_, at) => String(at).padStart(4, '0')).join('');
  await copy(a, whole);
  await press(a, 't');
  await a.mouse.click(300, 150);
  await press(a, 'Control+v');
  assert.equal(await value(a), whole);
  await press(a, 'Control+Home');
  await a.keyboard.type('x');
  await press(a, 'Enter');
  await press(a, 'Control+v');
  assert.equal(await value(a), whole);
  for (let letters = 0; letters < 4; letters += 1) await press(a, 'Shift+ArrowRight');
  await press(a, 'Control+v');
  assert.equal(await value(a), whole, 'of what is pasted its beginning fits');
  await press(a, 'Delete');
  await a.keyboard.type('yz');
  assert.equal(await value(a), `0000y${whole.slice(5)}`, 'the rest is where it was');
  await press(a, 'Escape');
  await settled(b, 2);
});

scene('Control and A selects nothing, and whatever selects it, what is drawn is drawn', async (world) => {
  const [a, b] = [await world.window(), await world.window()];
  await press(a, 'Control+a');
  assert.equal(await a.evaluate(() => getSelection().toString()), '');
  await a.evaluate(() => getSelection().selectAllChildren(document.body));
  for (const y of [300, 400]) await draw(a, [[300, y], [800, y]]);
  await settled(b, 2);
});

scene('a connection that is lost, or dead and open, is made anew, and what was drawn meanwhile is saved', async (world) => {
  const [a, b] = [await world.window(), await world.window()];
  await draw(a, ZIGZAG);
  await settled(b, 1);
  const start = await world.kill();
  await there(a, 'body[data-state=reconnecting]');
  await draw(a, [[300, 600], [800, 600]]);
  await start();
  await settled(a, 2);
  await settled(b, 2);
  world.relay.die();
  await draw(a, [[300, 650], [800, 650]]);
  await a.evaluate(() => dispatchEvent(new Event('online')));
  await there(a, 'body[data-state=reconnecting]');
  world.relay.revive();
  await settled(a, 3);
  const seen = await ink(a);
  await b.reload();
  await settled(b, 3);
  await until(b, ({ hash }) => hash === seen.hash, 'the same ink');
});
