// What a person would do and see.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, afterEach, test } from 'node:test';

import { chromium } from 'playwright-core';

import { Server } from './server.mjs';

const PATIENCE = 15_000;
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

let browser;
let home;
let server;
let pages;
let complaints;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
});

after(() => browser?.close());

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'whiteboard-'));
  server = await Server.start(home);
  pages = [];
  complaints = [];
});

afterEach(async () => {
  for (const page of pages) await page.context().close();
  await server.kill();
  rmSync(home, { recursive: true });
  assert.deepEqual(complaints, []);
});

/** A new window on the board, when it is live. */
async function open(options = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) complaints.push(message.text());
  });
  pages.push(page);
  await page.goto(server.url);
  await live(page);
  return page;
}

const live = (page) => page.locator('body[data-state=live]').waitFor();

/** Waits until the page has this revision and everything of its own is saved. */
const settled = (page, revision) =>
  page.locator(`body[data-revision="${revision}"][data-unacked="0"][data-live="0"]`).waitFor();

async function draw(page, [first, ...rest]) {
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const place of rest) await page.mouse.move(...place, { steps: 8 });
  await page.mouse.up();
}

const ZIGZAG = [[300, 250], [420, 520], [560, 260], [700, 540], [860, 300]];

/** The finished ink, pixel for pixel, and how many pixels have any. */
function ink(page, canvas = '#still') {
  return page.evaluate((selector) => {
    const { width, height } = document.querySelector(selector);
    const { data } = document.querySelector(selector).getContext('2d').getImageData(0, 0, width, height);
    let drawn = 0;
    let hash = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] > 0) drawn += 1;
      hash = (Math.imul(hash, 31) + (data[i] ^ (data[i + 1] << 8) ^ (data[i + 2] << 16) ^ (data[i + 3] << 24))) | 0;
    }
    return { drawn, hash };
  }, canvas);
}

async function picture(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`) });
}

test('A draws with the mouse, B sees it grow and then has the same ink', async () => {
  const [a, b] = [await open(), await open()];
  await a.mouse.move(...ZIGZAG[0]);
  await a.mouse.down();
  await a.mouse.move(...ZIGZAG[1], { steps: 10 });
  await b.locator('body[data-live="1"]').waitFor();
  await b.waitForFunction(() => {
    const canvas = document.querySelector('#moving');
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
  assert.equal((await ink(a, '#moving')).drawn, 0, 'what is finished is drawn once');
});

test('the server is killed and started again: A goes on, and the ink is there after a reload', async () => {
  const [a, b] = [await open(), await open()];
  await draw(a, ZIGZAG);
  await settled(a, 1);
  await settled(b, 1);

  const { port } = server;
  await server.kill();
  await a.locator('body[data-state=reconnecting]').waitFor();
  await draw(a, [[200, 650], [500, 700], [800, 650]]);
  await a.locator('body[data-unacked="1"]').waitFor();
  await picture(a, 'desktop-reconnecting');

  server = await Server.start(home, port);
  await settled(a, 2);
  await settled(b, 2);
  const before = await ink(a);
  assert.deepEqual(await ink(b), before);

  await server.kill();
  server = await Server.start(home, port);
  await a.reload();
  await live(a);
  await settled(a, 2);
  assert.deepEqual(await ink(a), before);
});

test('another board at the same address: the old ink is gone and drawing goes on', async () => {
  const page = await open();
  await draw(page, ZIGZAG);
  await settled(page, 1);
  const { port } = server;
  await server.kill();
  await page.locator('body[data-state=reconnecting]').waitFor();
  const other = mkdtempSync(join(tmpdir(), 'whiteboard-'));
  try {
    server = await Server.start(other, port);
    await settled(page, 0);
    await live(page);
    assert.equal((await ink(page)).drawn, 0);
    await draw(page, ZIGZAG);
    await settled(page, 1);
    assert.ok((await ink(page)).drawn > 1000);
    await server.kill();
  } finally {
    rmSync(other, { recursive: true });
  }
});

test('a finger draws on a phone, and the desktop sees it', async () => {
  const phone = await open({ viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
  const desktop = await open();
  const touch = await phone.context().newCDPSession(phone);
  const send = (type, touchPoints) => touch.send('Input.dispatchTouchEvent', { type, touchPoints });
  await send('touchStart', [{ x: 80, y: 350 }]);
  for (let step = 1; step <= 20; step += 1) {
    await send('touchMove', [{ x: 80 + step * 11, y: 350 + 90 * Math.sin(step / 3) }]);
  }
  await send('touchEnd', []);
  await settled(phone, 1);
  await settled(desktop, 1);
  assert.ok((await ink(desktop)).drawn > 500);
  assert.equal(await phone.evaluate(() => document.querySelector('#still').width), 2 * PHONE.width, 'sharp');
  await picture(phone, 'phone');
  await phone.locator('#chat-toggle').tap();
  await phone.locator('#chat input').fill('From the phone');
  await phone.locator('#chat input').press('Enter');
  await settled(phone, 2);
  await picture(phone, 'phone-chat');
  await phone.locator('#health-toggle').tap();
  await phone.locator('#stages .stage').first().waitFor();
  await picture(phone, 'phone-health');
});

test('a very long stroke is kept whole without the person noticing', async () => {
  const [a, b] = [await open(), await open()];
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
  assert.match(await a.locator('#state').textContent(), /^Live$/, 'nothing was refused');
});

test('chat is shown as text, whatever it contains', async () => {
  const [a, b] = [await open(), await open()];
  const said = '<img src=x onerror=alert(1)> & "héllo" \u2713';
  await a.locator('#chat-toggle').click();
  await a.locator('#chat input').fill(said);
  await a.locator('#chat button[type=submit]').click();
  await settled(a, 1);
  await settled(b, 1);
  await b.locator('#unread', { hasText: '1' }).waitFor();
  await b.locator('#chat-toggle').click();
  assert.deepEqual(await b.locator('#messages li').allTextContents(), [said]);
  assert.deepEqual(await a.locator('#messages li').allTextContents(), [said], 'an own message is there once');
  assert.equal(await b.locator('#messages img').count(), 0);
  await b.locator('#chat input').fill('Seen.');
  await b.locator('#chat input').press('Enter');
  await draw(b, ZIGZAG);
  await settled(b, 3);
  await settled(a, 3);
  await picture(a, 'desktop-chat');
});

test('the health panel draws the four stages behind the writers, and what they do', async () => {
  const page = await open();
  await page.locator('#health-toggle').click();
  const stages = page.locator('#stages .stage');
  await stages.nth(4).waitFor();
  const names = await stages.locator('.name').allTextContents();
  assert.deepEqual(names.sort(), ['analytics', 'network', 'storage', 'validation', 'writers']);
  const arrows = await page.locator('#stages .arrow').evaluateAll((all) => all.map((arrow) => arrow.dataset.arrow));
  assert.deepEqual(arrows.sort(), [
    'validation analytics', 'validation network', 'writers storage', 'writers validation',
  ]);
  const columns = await Promise.all(['writers', 'validation', 'storage', 'network'].map(async (name) =>
    (await page.locator(`.stage[data-stage=${name}]`).boundingBox()).x));
  assert.ok(columns[0] < columns[1] && columns[1] === columns[2] && columns[2] < columns[3], `${columns}`);
  // Beside the panel.
  await draw(page, [[700, 250], [820, 520], [960, 300]]);
  await settled(page, 1);
  await page.locator('#facts', { hasText: 'revision 1' }).waitFor();
  await page.locator('.stage[data-stage=network][data-lag="0"] .lag', { hasText: /^lag 0 \u00b7 [1-9]/ }).waitFor();
  assert.match(await page.locator('#stages').getAttribute('aria-label'), /network, after validation: lag \d+, \d+ a second/);
  await page.locator('#health summary').click();
  assert.match(await page.locator('#dot').textContent(), /^digraph stages/);
  await picture(page, 'desktop-health');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#health').isVisible(), false);
  assert.equal(await page.locator('#health-toggle').getAttribute('aria-expanded'), 'false');
});

test('people are counted, and a window that closes takes its cursor with it', async () => {
  const [a, b] = [await open(), await open()];
  await a.locator('#people', { hasText: '2 here' }).waitFor();
  await b.mouse.move(400, 400);
  await b.mouse.move(420, 420);
  await a.locator('.cursor').waitFor();
  await b.close();
  await a.locator('#people', { hasText: 'Only you' }).waitFor();
  assert.equal(await a.locator('.cursor').count(), 0);
});

test('a page of another site cannot open the board', async () => {
  const other = createServer((_, response) => response.end('<!doctype html><title>elsewhere</title>'));
  await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${other.address().port}/`);
    const outcome = await page.evaluate((url) => new Promise((resolve) => {
      const socket = new WebSocket(url);
      socket.onopen = () => resolve('open');
      socket.onerror = () => resolve('refused');
    }), `${server.url.replace('http', 'ws')}/ws`);
    assert.equal(outcome, 'refused');
    await context.close();
  } finally {
    other.close();
  }
});
