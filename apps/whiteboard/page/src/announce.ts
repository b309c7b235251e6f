// Says to a screen reader what just happened.

const line = document.querySelector<HTMLElement>('#said');

export function announce(text: string): void {
  if (!line) return;
  // The same words again are said again only if they are another text.
  line.textContent = line.textContent === text ? `${text}\u00a0` : text;
}
