// A page whose server says what the test wants it to: the page comes from the real one, and what it hears does not.

import { after, isHello, live, several, welcome } from './wire.mjs';

/**
 * Opens a page that is told these frames when it joins, and is live then. `say(frames)` tells it more; `hellos` are the
 * revisions after which it has asked for the board; `heard(message)` is given what else it says, `raw(message)` is sent as it is.
 */
export async function told(world, frames, { revision = frames.length, heard = () => {}, prepare = () => {} } = {}) {
  const hellos = [];
  let socket;
  const say = (more) => { for (const message of several(more)) socket.send(message); };
  const page = await world.open({
    async prepare(fresh) {
      await prepare(fresh);
      await fresh.routeWebSocket(/\/ws$/, (opened) => {
        socket = opened;
        opened.onMessage((message) => {
          if (!isHello(message)) {
            heard(message);
            return;
          }
          hellos.push(after(message));
          say([welcome(revision, hellos.length), ...frames, live(revision + 1)]);
        });
      });
    },
  });
  return { page, say, hellos, raw: (message) => socket.send(message) };
}

/** Waits for so many frames of the screen. */
export const screens = (page, count) => page.evaluate(async (left) => {
  for (let at = 0; at < left; at += 1) await new Promise(requestAnimationFrame);
}, count);
