// Where the server shows the whiteboard: the page is told by its <base>, for a proxy may have it below a path.

/** The whole address of what lies here below the base. */
export function at(path: string): string {
  return new URL(path, document.baseURI).href;
}

/** This page's own path below the base: empty, or 'b/NAME'. */
export function here(): string {
  const base = new URL(document.baseURI).pathname;
  return location.pathname.startsWith(base) ? location.pathname.slice(base.length) : '';
}
