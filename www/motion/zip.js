// A ZIP file of files that are compressed already: they are stored as they are.
//
//   await zip([[name, Blob], …]) → Blob. Names are plain ASCII.

/** Fields of 2 (`h`) or 4 (`w`) bytes, least first. */
function record(...fields) {
  const bytes = new Uint8Array(fields.reduce((sum, [size]) => sum + (size === "h" ? 2 : 4), 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of fields) {
    if (size === "h") view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size === "h" ? 2 : 4;
  }
  return bytes;
}

const [h, w] = ["h", "w"].map((size) => (value) => [size, value]);
/** 1 January 1980: the same files make the same ZIP. */
const [TIME, DATE] = [0, 0x21];
const TOO_MUCH = "This is more than a ZIP file can hold (4 GB). Save a video instead.";

export async function zip(files) {
  const [pieces, index] = [[], []];
  let offset = 0;
  for (const [name, blob] of files) {
    const sum = crc(new Uint8Array(await blob.arrayBuffer()));
    const letters = new TextEncoder().encode(name);
    const same = [h(20), h(0), h(0), h(TIME), h(DATE), w(sum), w(blob.size), w(blob.size)];
    const head = record(w(0x04034b50), ...same, h(letters.length), h(0));
    const rest = [h(letters.length), h(0), h(0), h(0), h(0), w(0), w(offset)];
    index.push(record(w(0x02014b50), h(20), ...same, ...rest), letters);
    pieces.push(head, letters, blob);
    offset += head.length + letters.length + blob.size;
    if (offset > 0xffffffff || files.length > 0xffff) throw new Error(TOO_MUCH);
  }
  const size = index.reduce((sum, { length }) => sum + length, 0);
  const count = h(files.length);
  const end = record(w(0x06054b50), h(0), h(0), count, count, w(size), w(offset), h(0));
  return new Blob([...pieces, ...index, end], { type: "application/zip" });
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1;
  return byte;
});

/** CRC-32, as ZIP wants it. */
function crc(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 255] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}
