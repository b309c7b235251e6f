// Makes a picture so small that it fits one action: encoded anew, so that only pixels are left of what it was.
import { FILE_MAX } from './protocol.js';
/** Pixels of a side that are tried first. */
const SIDE_MAX = 1600;
const QUALITIES = [0.35, 0.5, 0.65, 0.8, 0.9];
/** Fails when the browser cannot read the picture. */
export async function shrink(given) {
    const bitmap = await createImageBitmap(given);
    try {
        const from = { width: bitmap.width, height: bitmap.height, bytes: given.size };
        let scale = Math.min(1, SIDE_MAX / Math.max(from.width, from.height));
        for (;;) {
            const canvas = drawn(bitmap, scale);
            const least = await encoded(canvas, QUALITIES[0]);
            const { width, height } = canvas;
            if (least.size <= FILE_MAX)
                return { file: await best(canvas, least), width, height, from };
            // Somewhat more than the bytes ask for: they do not go down with the pixels quite.
            scale *= Math.max(0.4, Math.min(0.9, Math.sqrt(FILE_MAX / least.size)));
        }
    }
    finally {
        bitmap.close();
    }
}
/** 'Picture made smaller: 2400 x 1600, 3.1 MB to 640 x 427, 15 KB' */
export function told({ from, width, height, file }) {
    const to = `${width} x ${height}, ${bytes(file.length)}`;
    if (from.width === width && from.bytes <= FILE_MAX)
        return `Picture added: ${to}`;
    return `Picture made smaller: ${from.width} x ${from.height}, ${bytes(from.bytes)} to ${to}`;
}
function bytes(count) {
    if (count >= 1024 * 1024)
        return `${(count / 1024 / 1024).toFixed(1)} MB`;
    return count >= 1024 ? `${Math.floor(count / 1024)} KB` : `${count} bytes`;
}
function drawn(bitmap, scale) {
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return canvas;
}
/** The picture in the best quality that fits; `least` does. */
async function best(canvas, least) {
    let found = least;
    for (const quality of QUALITIES.slice(1)) {
        const blob = await encoded(canvas, quality);
        if (blob.size > FILE_MAX)
            break;
        found = blob;
    }
    return new Uint8Array(await found.arrayBuffer());
}
/** WebP, or JPEG where the browser cannot write that. */
async function encoded(canvas, quality) {
    const webp = await toBlob(canvas, 'image/webp', quality);
    return webp.type === 'image/webp' ? webp : toBlob(opaque(canvas), 'image/jpeg', quality);
}
function toBlob(canvas, type, quality) {
    return new Promise((resolve, reject) => {
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture cannot be encoded'))), type, quality);
    });
}
/** JPEG knows nothing transparent; it would be black. */
function opaque(canvas) {
    const copy = document.createElement('canvas');
    copy.width = canvas.width;
    copy.height = canvas.height;
    const context = copy.getContext('2d');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, copy.width, copy.height);
    context.drawImage(canvas, 0, 0);
    return copy;
}
