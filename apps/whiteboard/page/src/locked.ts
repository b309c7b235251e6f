// What is shown for as long as the server does not let this page in: nothing that is drawn would go anywhere.

import { make, say } from './make.js';
import { isLater, unlock } from './unlock.js';

const WRONG = 'That does not open it.';
const TOO_OFTEN = 'Too many tries. Wait a minute.';
const SILENT = 'The server does not answer.';

let shown: HTMLDialogElement | null = null;

/** Keeps the page shut until a token opens it; then calls `opened()`. */
export function showLocked(opened: () => void): void {
  if (shown) return;
  const input = make('input', {
    id: 'locked-key', type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', required: true,
  });
  const told = make('p', { class: 'quiet', role: 'status' });
  const form = make(
    'form',
    { autocomplete: 'off' },
    make('label', { class: 'field', for: input.id }, 'The link or the token'),
    make('div', { class: 'line' }, input, make('button', { type: 'submit', class: 'main' }, 'Open')),
    told,
  );
  const dialog = make(
    'dialog',
    { id: 'locked', class: 'sheet', 'aria-labelledby': 'locked-title' },
    make(
      'div',
      { class: 'card' },
      make('h2', { id: 'locked-title' }, 'This board is locked'),
      make('p', {}, 'Ask someone who is on it to copy the link for you, or open the whole address that the server printed.'),
      form,
    ),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const answer = await unlock(key(input.value)).catch(() => null);
    if (answer?.ok) {
      shown = null;
      dialog.remove();
      opened();
    } else {
      say(told, answer?.status === 429 ? TOO_OFTEN : !answer || isLater(answer) ? SILENT : WRONG);
    }
  });
  // A browser closes a dialog in the end, whatever is asked of it.
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  dialog.addEventListener('close', () => dialog.isConnected && dialog.showModal());
  document.body.append(dialog);
  dialog.showModal();
  shown = dialog;
}

/** The token in what someone may have pasted: a whole address, or the token alone. */
function key(text: string): string {
  return text.trim().replace(/^.*#token=/, '');
}
