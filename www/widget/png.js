// What PNG files say besides their pixels.

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether this is the beginning of a PNG. */
export function isPng(bytes) {
  return SIGNATURE.every((byte, at) => bytes[at] === byte);
}

/** The text of a PNG under a keyword, if it carries one that is not compressed (an iTXt chunk). */
export function textOf(bytes, keyword) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const read = (from, to) => new TextDecoder().decode(bytes.subarray(from, to));
  let at = SIGNATURE.length;
  while (at + 8 <= bytes.length) {
    const [start, end] = [at + 8, at + 8 + view.getUint32(at)];
    const beginning = `iTXt${keyword}\0\0\0`;
    if (read(at + 4, at + 4 + beginning.length) === beginning) {
      // Language and translated keyword end with zeros of their own.
      return read(start, end).slice(keyword.length + 3).split("\0").slice(2).join("\0");
    }
    at = end + 4;
  }
}
