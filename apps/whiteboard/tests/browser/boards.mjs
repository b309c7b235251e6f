// Boards by name, and light and dark.

import assert from 'node:assert/strict';

import { PHONE, ZIGZAG, draw, ink, live, picture, scene, settled } from './harness.mjs';

scene('the header leads to another board and back, and each has its own ink', async (world) => {
  const page = await world.open();
  await draw(page, ZIGZAG);
  await settled(page, 1);
  await page.locator('#board-toggle', { hasText: 'main' }).click();
  await page.locator('#board-name').fill('-no');
  await page.locator('#board-name').press('Enter');
  assert.match(await page.locator('#board-name').evaluate((field) => field.validationMessage), /a to z/);
  await page.locator('#board-name').fill('Team 7');
  await page.locator('#board-name').press('Enter');
  await page.waitForURL('**/b/team-7');
  await live(page);
  assert.equal((await ink(page)).drawn, 0);
  assert.equal(await page.title(), 'team-7 \u00b7 Whiteboard');
  await page.locator('#board-toggle', { hasText: 'team-7' }).click();
  assert.deepEqual(await page.locator('.visited a').allTextContents(), ['team-7', 'main']);
  await picture(page, 'desktop-boards');
  await page.locator('.visited a', { hasText: 'main' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  await settled(page, 1);
  assert.ok((await ink(page)).drawn > 1000);
});

scene('the link to a board is copied', async (world) => {
  const page = await world.open({ path: '/b/team-7', permissions: ['clipboard-read', 'clipboard-write'] });
  await page.locator('#copy-link').click();
  await page.locator('.toast', { hasText: 'copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${world.server.url}/b/team-7`);
});

const paper = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

scene('dark as the system has it, and as it was chosen', async (world) => {
  const page = await world.open({ colorScheme: 'dark' });
  const dark = await paper(page);
  await draw(page, ZIGZAG);
  await settled(page, 1);
  const [onDark] = (await ink(page)).colours;
  await picture(page, 'desktop-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.locator(':root[data-theme=light]').waitFor();
  const light = await paper(page);
  const [onLight] = (await ink(page)).colours;
  assert.ok(onDark > 0x808080 && onLight < 0x808080, `ink can be read: ${onDark} and ${onLight}`);
  assert.notEqual(light, dark);
  await page.locator('#me-toggle').click();
  await page.locator('#me .switch label', { hasText: 'Dark' }).click();
  assert.equal(await paper(page), dark);
  await picture(page, 'desktop-you');
  await page.reload();
  await live(page);
  assert.equal(await paper(page), dark, 'it is remembered');
  await page.locator('#me-toggle').click();
  await page.locator('#me .switch label', { hasText: 'System' }).click();
  assert.equal(await paper(page), light);
});

scene('the dialogs work by keyboard alone, and give the focus back', async (world) => {
  const page = await world.open(PHONE);
  await page.locator('#board-toggle').focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'board-name');
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'board-toggle');
  await page.locator('#me-toggle').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('p');
  assert.equal(await page.locator('#me-name').inputValue(), 'p', 'a letter is no shortcut here');
});
