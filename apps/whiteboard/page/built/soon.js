// What is asked for many times, and done once.
/** Does the work with the next frame of the screen, once for all calls until then. */
export function soon(work) {
    let asked = false;
    return () => {
        if (asked)
            return;
        asked = true;
        requestAnimationFrame(() => {
            asked = false;
            work();
        });
    };
}
