// The page in a real browser, against the real server.
//
//   npm ci && WHITEBOARD_BIN=path/to/whiteboard node run.mjs
//
// Two files at a time, each in a process of its own, and Firefox by itself: beside another browser, on a busy machine, it was seen
// to draw nothing for a minute. Each file also runs alone, as `node FILE`, and attack/run.mjs runs the attacks on the page. CHROMIUM
// and FIREFOX name the browsers (default /usr/bin/chromium, /usr/bin/firefox-esr); SCREENSHOTS, if set, a directory for pictures of
// the page.

import { play } from './several.mjs';

// The longest first, so that the last ones end together.
await play(import.meta.url, [
  'people', 'outside', 'notes', 'silence', 'rings', 'camera', 'pictures', 'board', 'drawing', 'undo', 'touch',
  'keyboard', 'travel', 'joining', 'fromright', 'elsewhere', 'lines', 'words', 'boards', 'spread', 'protocol',
]);
await play(import.meta.url, ['firefox']);
