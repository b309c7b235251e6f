// Pictures that were decoded to be drawn. What was not drawn for long is decoded again when it is needed.
/** Pixels that decoded pictures may have together. */
const PIXELS_MAX = 64 * 1024 * 1024;
export class Pictures {
    #decoded;
    /** The one that was drawn last is the last. */
    #pictures = new Map();
    #pixels = 0;
    /** `decoded(item)` is told when a picture can be drawn. */
    constructor(decoded) {
        this.#decoded = decoded;
    }
    /** The picture, or `null` while it is not decoded, and for ever if it cannot be. */
    of(item) {
        const picture = this.#pictures.get(item) ?? this.#decode(item);
        this.#pictures.delete(item);
        this.#pictures.set(item, picture);
        return picture.bitmap;
    }
    /** Done when these can be drawn. */
    async ready(items) {
        await Promise.all([...items].map((item) => (this.#pictures.get(item) ?? this.#decode(item)).done));
    }
    reset() {
        for (const { bitmap } of this.#pictures.values())
            bitmap?.close();
        this.#pictures.clear();
        this.#pixels = 0;
    }
    #decode(item) {
        const picture = { bitmap: null, done: Promise.resolve() };
        this.#pictures.set(item, picture);
        if (item.shape.kind !== 'image')
            return picture;
        picture.done = createImageBitmap(new Blob([item.shape.file])).then((bitmap) => {
            if (this.#pictures.get(item) !== picture) {
                bitmap.close();
                return;
            }
            picture.bitmap = bitmap;
            this.#pixels += bitmap.width * bitmap.height;
            this.#forget(item);
            this.#decoded(item);
        }, 
        // What no browser can read stays an empty frame.
        () => undefined);
        return picture;
    }
    #forget(but) {
        for (const [item, { bitmap }] of this.#pictures) {
            if (this.#pixels <= PIXELS_MAX)
                return;
            if (!bitmap || item === but)
                continue;
            this.#pixels -= bitmap.width * bitmap.height;
            bitmap.close();
            this.#pictures.delete(item);
        }
    }
}
