// A connection that is dead and open, and a machine that slept.

import assert from 'node:assert/strict';

import { ZIGZAG, draw, ink, live, scene, settled } from './harness.mjs';

const withClock = { prepare: (page) => page.clock.install() };

/** Lets so many seconds go by in the page, each as a second, and real time between them for an answer. */
async function pass(page, seconds) {
  for (let second = 0; second < seconds; second += 1) {
    await page.clock.runFor(1000);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

const state = (page) => page.evaluate(() => document.body.dataset.state);

scene('a connection that nothing comes through is noticed, and what was drawn is saved over another', async (world) => {
  await world.elsewhere();
  const [a, b] = [await world.open(withClock), await world.open()];
  await draw(a, ZIGZAG);
  await settled(a, 1);
  world.relay.die();
  await draw(a, [[300, 600], [800, 600]]);
  await a.locator('body[data-unacked="1"]').waitFor();
  assert.equal(await state(a), 'live', 'it cannot know yet');
  await pass(a, 16);
  assert.equal(await state(a), 'reconnecting');
  // The next connections are answered by nobody either; a revived way is found all the same.
  await pass(a, 20);
  world.relay.revive();
  await pass(a, 25);
  await live(a);
  await settled(a, 2);
  await b.reload();
  await settled(b, 2);
  assert.deepEqual(await ink(b), await ink(a));
});

scene('a page that is alone, and hears nothing from others for minutes, stays live', async (world) => {
  const page = await world.open(withClock);
  await page.evaluate(() => {
    document.seen = [];
    new MutationObserver(() => document.seen.push(document.body.dataset.state))
      .observe(document.body, { attributeFilter: ['data-state'] });
  });
  await pass(page, 120);
  assert.deepEqual(await page.evaluate(() => document.seen), []);
});

scene('when the network changes or the page is looked at again, a dead connection is found at once', async (world) => {
  await world.elsewhere();
  const page = await world.open(withClock);
  for (const [target, event] of [['window', 'online'], ['window', 'offline'], ['document', 'visibilitychange']]) {
    await pass(page, 2);
    world.relay.die();
    await page.evaluate(([on, name]) => globalThis[on].dispatchEvent(new Event(name)), [target, event]);
    await pass(page, 6);
    assert.equal(await state(page), 'reconnecting', `after ${event}`);
    world.relay.revive();
    await pass(page, 12);
    await live(page);
  }
});

scene('a machine that slept, and a clock that was set, are no lost connection', async (world) => {
  const [page, other] = [await world.open(withClock), await world.open()];
  for (const hours of [1, 8]) {
    await page.clock.fastForward(hours * 3_600_000);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await pass(page, 8);
    await page.clock.setSystemTime(Date.now() - 86_400_000);
    await pass(page, 8);
  }
  assert.equal(await state(page), 'live');
  assert.equal(await page.locator('.toast').count(), 0, 'it was not away');
  await draw(page, ZIGZAG);
  await settled(other, 1);
});
