// What a server says, byte by byte, written from the table in the README; it may say anything.

/** Fields one after the other, little endian. */
function bytes(kind, ...fields) {
  const parts = fields.map(([type, value]) => {
    if (type === 'bytes') return Buffer.from(value);
    const part = Buffer.alloc({ u8: 1, u16: 2, u32: 4, f32: 4, u64: 8 }[type]);
    const view = new DataView(part.buffer, part.byteOffset);
    if (type === 'u64') view.setBigUint64(0, BigInt(value), true);
    else view[{ u8: 'setUint8', u16: 'setUint16', u32: 'setUint32', f32: 'setFloat32' }[type]](0, value, true);
    return part;
  });
  return Buffer.concat([Buffer.from([kind]), ...parts]);
}

const all = (type, values) => values.map((value) => [type, value]);
const points = (values) => values.map((value, at) => [at % 3 === 2 ? 'u8' : 'f32', value]);

/** Who sent an action, its place in the order, and its id. */
const ordered = ({ author = 7, revision, action = 1_000_000 + revision }) => all('u64', [author, revision, action]);

export const stroke = (order, values, width = 4) =>
  bytes(1, ...ordered(order), ['u32', 0x23262d], ['f32', width], ...points(values));
export const chat = (order, text, name = 'Eve') =>
  bytes(2, ...ordered(order), ['u32', 0x23262d], ['u8', Buffer.byteLength(name)], ['bytes', name], ['bytes', text]);
export const note = (order, [x, y], text) => bytes(3, ...ordered(order), ['u32', 0], ...all('f32', [x, y, 24]), ['bytes', text]);
export const image = (order, box, file) => bytes(4, ...ordered(order), ...all('f32', box), ['bytes', file]);
export const clear = (order) => bytes(5, ...ordered(order));
export const hide = (order, revisions) => bytes(6, ...ordered(order), ...all('u64', revisions));
export const show = (order, revisions) => bytes(7, ...ordered(order), ...all('u64', revisions));
export const segment = (author, action, values, width = 4) =>
  bytes(18, ['u64', author], ['u64', action], ['u32', 0x23262d], ['f32', width], ...points(values));
export const left = (author) => bytes(19, ['u64', author]);
export const welcome = (revision, author = 1, store = 5) =>
  bytes(128, ['u8', 2], ['u64', store], ['u64', revision], ['u64', author]);
export const live = (next) => bytes(129, ['u64', next]);
export const ack = (action, revision) => bytes(130, ['u64', action], ['u64', revision]);

/** Frames in messages of at most so many bytes, as the server sends what comes together. */
export function several(frames, most = 64 * 1024) {
  const messages = [];
  let [parts, length] = [[], 1];
  const end = () => parts.length > 0 && messages.push(Buffer.concat([Buffer.from([135]), ...parts]));
  for (const frame of frames) {
    if (length + 2 + frame.length > most) {
      end();
      [parts, length] = [[], 1];
    }
    const head = Buffer.alloc(2);
    head.writeUInt16LE(frame.length);
    parts.push(head, frame);
    length += 2 + frame.length;
  }
  end();
  return messages;
}

/** What a page says first: the last revision that it has. */
export const isHello = (message) => message[0] === 64;
export const after = (message) => Number(message.readBigUInt64LE(18));
