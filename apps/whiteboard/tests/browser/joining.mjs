// Connections that come and go, boards that are others, and who may not come.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ZIGZAG, draw, ink, live, picture, scene, settled } from './harness.mjs';
import { Server } from './server.mjs';

scene('the server is killed and started again: A goes on, and the ink is there after a reload', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await draw(a, ZIGZAG);
  await settled(a, 1);
  await settled(b, 1);

  let start = await world.kill();
  await a.locator('body[data-state=reconnecting]').waitFor();
  await draw(a, [[200, 650], [500, 700], [800, 650]]);
  await a.locator('body[data-unacked="1"]').waitFor();
  await picture(a, 'desktop-reconnecting');
  const offline = await ink(a);

  await start();
  await settled(a, 2);
  await settled(b, 2);
  const before = await ink(a);
  assert.deepEqual(before, offline, 'what was drawn without a server was seen at once');
  assert.deepEqual(await ink(b), before);

  start = await world.kill();
  await start();
  await a.reload();
  await live(a);
  await settled(a, 2);
  assert.deepEqual(await ink(a), before);
});

scene('another store at the same address: the old ink is gone and drawing goes on', async (world) => {
  const page = await world.open();
  await draw(page, ZIGZAG);
  await settled(page, 1);
  const start = await world.kill();
  await page.locator('body[data-state=reconnecting]').waitFor();
  const other = mkdtempSync(join(tmpdir(), 'whiteboard-'));
  try {
    await start(other);
    await settled(page, 0);
    await live(page);
    assert.equal((await ink(page)).drawn, 0);
    assert.equal(await page.locator('[data-do=undo]').getAttribute('aria-disabled'), 'true');
    await draw(page, ZIGZAG);
    await settled(page, 1);
    assert.ok((await ink(page)).drawn > 1000);
    await world.server.kill();
  } finally {
    rmSync(other, { recursive: true });
  }
});

scene('boards by name are boards of their own', async (world) => {
  const [a, b, otherA] = [await world.open({ path: '/b/a' }), await world.open({ path: '/b/b' }), await world.open({ path: '/b/a' })];
  assert.equal(await a.title(), 'a \u00b7 Whiteboard');
  await draw(a, ZIGZAG);
  await settled(otherA, 1);
  const seen = await ink(otherA);
  assert.ok(seen.drawn > 1000);
  await draw(b, [[300, 600], [800, 600]]);
  // One sequence over all boards of the store.
  await settled(b, 2);
  assert.deepEqual(await ink(otherA), seen);
  assert.notEqual((await ink(b)).hash, seen.hash);
  await a.reload();
  await live(a);
  assert.deepEqual(await ink(a), seen);
  const main = await world.open();
  assert.equal((await ink(main)).drawn, 0);
  for (const name of ['-a', 'A', 'a_b', 'x'.repeat(41)]) {
    const answer = await fetch(`${world.server.url}/b/${name}`);
    assert.equal(answer.status, 404, name);
    assert.match(await answer.text(), /1 to 40 of a-z/);
  }
});

scene('a locked board opens with the address that the server printed, and remembers it', async (world) => {
  await world.kill();
  const token = 'abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE';
  world.server = await Server.start(world.home, 0, { WHITEBOARD_TOKEN: token });
  const context = await world.context();
  const page = await context.newPage();
  await page.goto(world.server.url);
  await page.locator('#locked', { hasText: 'locked' }).waitFor();
  await page.goto(`${world.server.url}/b/a#token=${token}`);
  await live(page);
  assert.equal(page.url(), `${world.server.url}/b/a`, 'the token is not left in the address bar');
  await draw(page, ZIGZAG);
  await settled(page, 1);
  await page.reload();
  await live(page);
  await settled(page, 1);
});

scene('a page of another site cannot open the board', async (world) => {
  const other = createServer((_, response) => response.end('<!doctype html><title>elsewhere</title>'));
  await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
  try {
    const context = await world.context();
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${other.address().port}/`);
    const outcome = await page.evaluate((url) => new Promise((resolve) => {
      const socket = new WebSocket(url);
      socket.onopen = () => resolve('open');
      socket.onerror = () => resolve('refused');
    }), `${world.server.url.replace('http', 'ws')}/ws`);
    assert.equal(outcome, 'refused');
    await context.close();
  } finally {
    other.close();
  }
});
