// What the tests of the page share: a browser, and for each scene a server of its own.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { chromium } from 'playwright-core';

import { Relay } from './relay.mjs';
import { Server } from './server.mjs';

export const PATIENCE = 15_000;
export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
/** Places in a window of the desktop, away from bars and panels. */
export const ZIGZAG = [[300, 250], [420, 520], [560, 260], [700, 540], [860, 300]];

/** A name of this machine that browsers do not know for one: what is asked under it by http is no secure context. */
export const ELSEWHERE = 'board.test';

let browser;

after(() => browser?.close());

/** A test with a server and as many windows as it opens; the page must not complain meanwhile. */
export function scene(name, play) {
  test(name, async () => {
    browser ??= await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`,
      ],
    });
    const world = new World();
    try {
      await world.start();
      await play(world);
      assert.deepEqual(world.complaints, []);
    } finally {
      await world.end();
    }
  });
}

export class World {
  home = mkdtempSync(join(tmpdir(), 'whiteboard-'));
  server = null;
  /** Between the pages and the server, after `elsewhere()`. */
  relay = null;
  complaints = [];
  #contexts = [];
  #options = [];

  async start() {
    this.server = await Server.start(this.home);
  }

  get url() {
    return this.relay ? `http://${ELSEWHERE}:${this.relay.port}` : this.server.url;
  }

  /** A new window on the board, when it is live; `prepare(page)` comes before anything is loaded. */
  async open({ path = '/', prepare = () => {}, ...options } = {}) {
    const context = await this.context(options);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (/Content.Security.Policy/i.test(message.text())) this.complaints.push(message.text());
    });
    await prepare(page);
    await page.goto(`${this.url}${path}`);
    await live(page);
    return page;
  }

  /** From now on the server is asked as one that runs on another machine, by plain http, and over a way that can die. */
  async elsewhere() {
    this.relay = await Relay.start();
    await this.server.kill();
    this.#options = ['--host', `http://${ELSEWHERE}:${this.relay.port}`];
    this.server = await Server.start(this.home, 0, {}, this.#options);
    this.relay.to(this.server.port);
  }

  /** From now on the server has these options. */
  async serve(...options) {
    await this.server.kill();
    this.#options = options;
    this.server = await Server.start(this.home, 0, {}, options);
  }

  async context(options = {}) {
    const context = await browser.newContext({ viewport: DESKTOP, ...options });
    this.#contexts.push(context);
    return context;
  }

  /** Ends the server as a power failure would, and gives what starts it again at the same address. */
  async kill() {
    const { port } = this.server;
    await this.server.kill();
    return async (home = this.home) => {
      this.server = await Server.start(home, port, {}, this.#options);
    };
  }

  async end() {
    for (const context of this.#contexts) await context.close();
    this.relay?.end();
    await this.server?.kill();
    rmSync(this.home, { recursive: true });
  }
}

export const live = (page) => page.locator('body[data-state=live]').waitFor();

/** Waits until the page has this revision, everything of its own is saved, and all of it is shown. */
export async function settled(page, revision) {
  await page.locator(`body[data-revision="${revision}"][data-unacked="0"][data-live="0"]`).waitFor();
  await page.evaluate(() => new Promise(requestAnimationFrame));
}

export async function draw(page, [first, ...rest]) {
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const place of rest) await page.mouse.move(...place, { steps: 8 });
  await page.mouse.up();
}

/**
 * What is on a canvas when it is drawn: how many pixels have ink, a hash of them all, the box around them in pixels of
 * the window, and the colours, the most frequent first.
 */
export function ink(page, canvas = '#still') {
  return page.evaluate(async (selector) => {
    // What came with the last message is drawn with the next frame of the screen.
    for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
    const { width, height } = document.querySelector(selector);
    const { data } = document.querySelector(selector).getContext('2d').getImageData(0, 0, width, height);
    const colours = new Map();
    let [drawn, hash, left, top, right, bottom] = [0, 0, Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < data.length; i += 4) {
      const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
      hash = (Math.imul(hash, 31) + (colour ^ (data[i + 3] << 24))) | 0;
      if (data[i + 3] === 0) continue;
      drawn += 1;
      if (data[i + 3] === 255) colours.set(colour, (colours.get(colour) ?? 0) + 1);
      const [x, y] = [(i / 4) % width, Math.floor(i / 4 / width)];
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
    }
    const ratio = devicePixelRatio;
    return {
      drawn,
      hash,
      box: drawn > 0 ? [left, top, right, bottom].map((side) => side / ratio) : null,
      colours: [...colours.entries()].sort(([, one], [, other]) => other - one).map(([colour]) => colour),
    };
  }, canvas);
}

/** Waits until what is on the page's canvas is so. */
export async function until(page, right, what) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const seen = await ink(page);
    if (right(seen)) return seen;
    assert.ok(Date.now() < end, `${what}: ${JSON.stringify(seen)}`);
  }
}

/** Whether two boxes are the same but for the edges of lines. */
const isNear = (box, expected, within) => box && box.every((side, at) => Math.abs(side - expected[at]) <= within);

export function assertBox(box, expected, within = 3) {
  assert.ok(isNear(box, expected, within), `the ink is in ${box}, not in ${expected}`);
}

/** Waits until the ink lies there: what was moved is drawn in a later frame. */
export async function untilBox(page, expected, within = 3) {
  await until(page, ({ box }) => isNear(box, expected, within), `ink in ${expected}`);
}

export async function picture(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`) });
}

/** The fingers of a page that has touch: `down`, `move` and `up` take all that are on the glass. */
export async function fingers(page) {
  const session = await page.context().newCDPSession(page);
  const send = (type) => (...touchPoints) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: touchPoints.map(([x, y], id) => ({ x, y, id })) });
  return { down: send('touchStart'), move: send('touchMove'), up: send('touchEnd') };
}

/** A stylus on the page. */
export async function stylus(page) {
  const session = await page.context().newCDPSession(page);
  const send = (type, [x, y], force) => session.send('Input.dispatchMouseEvent', {
    type, x, y, force, button: 'left', buttons: type === 'mouseReleased' ? 0 : 1, clickCount: 1, pointerType: 'pen',
  });
  return {
    down: (place, force) => send('mousePressed', place, force),
    move: (place, force) => send('mouseMoved', place, force),
    up: (place) => send('mouseReleased', place, 0),
  };
}
