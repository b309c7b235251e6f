// A server, or one that stands before it, which takes a question and never answers.

import { live, scene } from '../harness.mjs';

const toast = (page, text) => page.locator('.toast', { hasText: text });

scene('a question that is never answered is given up, said, and asked again', async (world) => {
  const context = await world.context();
  const page = await context.newPage();
  let silent = true;
  for (const path of ['session', 'invitation']) {
    await page.route(`**/${path}`, (route) => {
      if (!silent) void route.continue();
    });
  }
  await page.goto(world.url);
  await toast(page, 'does not answer').waitFor();
  silent = false;
  await live(page);
  silent = true;
  await page.locator('#copy-link').click();
  const failed = toast(page, 'No link was copied');
  await failed.waitFor();
  silent = false;
  await failed.getByRole('button', { name: 'Try again' }).click();
  await toast(page, /^(The link is copied|The link to this board is)/).waitFor();
});
