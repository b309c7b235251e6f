// The page in a real browser, against the real server.
//
//   npm ci && WHITEBOARD_BIN=path/to/whiteboard node run.mjs
//
// Each file also runs alone. CHROMIUM and FIREFOX name the browsers (default /usr/bin/chromium, /usr/bin/firefox-esr);
// SCREENSHOTS, if set, a directory for pictures of the page.

import './protocol.mjs';
import './board.mjs';
import './words.mjs';
import './spread.mjs';
import './drawing.mjs';
import './undo.mjs';
import './notes.mjs';
import './lines.mjs';
import './fromright.mjs';
import './pictures.mjs';
import './camera.mjs';
import './touch.mjs';
import './keyboard.mjs';
import './joining.mjs';
import './elsewhere.mjs';
import './silence.mjs';
import './people.mjs';
import './boards.mjs';
import './outside.mjs';
import './rings.mjs';
import './firefox.mjs';
