// Videos that the page's own browser makes and takes apart, by the library that the page itself uses.

import { expect } from "@playwright/test";

/**
 * A video with sound: a pattern that moves to the right, and a tone. A WebM with Opus, or a
 * QuickTime film with samples that are not compressed.
 *
 * @param {{width, height, fps, count, cutAt: number, kind: "webm" | "mov"}} film From frame `cutAt`
 *   on, there is another scene.
 */
export async function video(page, film = {}) {
  const { width = 96, height = 64, fps = 10, count = 10, cutAt, kind = "webm" } = film;
  const bytes = await page.evaluate(
    async ({ width, height, fps, count, cutAt, kind }) => {
      const library = await import(new URL("motion/mediabunny.js", location.href));
      const { Output, BufferTarget, CanvasSource } = library;
      const [format, codec, voice] = {
        webm: [new library.WebMOutputFormat(), "vp8", { codec: "opus", bitrate: 64_000 }],
        mov: [new library.MovOutputFormat(), "avc", { codec: "pcm-s16" }],
      }[kind];
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      const output = new Output({ format, target: new BufferTarget() });
      const pictures = new CanvasSource(canvas, { codec, bitrate: 2_000_000 });
      const sound = new library.AudioSampleSource(voice);
      output.addVideoTrack(pictures, { frameRate: fps });
      output.addAudioTrack(sound);
      await output.start();
      const [rate, seconds] = [48_000, count / fps];
      const data = Float32Array.from({ length: rate * seconds }, (_, i) => 0.3 * Math.sin(i / 17));
      const init = { data, format: "f32", numberOfChannels: 1, sampleRate: rate, timestamp: 0 };
      const tone = new library.AudioSample(init);
      const singing = sound.add(tone).then(() => tone.close());
      for (let k = 0; k < count; k++) {
        const other = cutAt !== undefined && k >= cutAt;
        for (let y = 0; y < height; y += 4) {
          for (let x = 0; x < width; x += 4) {
            const at = x - 2 * k;
            const wave = Math.sin(at / 7) * Math.cos(y / 9) + 0.6 * Math.sin(at / 3 + y / 5);
            const level = 128 + 50 * wave;
            // Far from every level of the first scene.
            const check = Math.floor(at / 16) + Math.floor(y / 16);
            context.fillStyle = other
              ? `rgb(${check % 2 ? "4 4 4" : "250 250 240"})`
              : `rgb(${level} ${0.7 * level + 40} ${200 - 0.4 * level})`;
            context.fillRect(x, y, 4, 4);
          }
        }
        await pictures.add(k / fps, 1 / fps);
      }
      await singing;
      await output.finalize();
      return Array.from(new Uint8Array(output.target.buffer));
    },
    { width, height, fps, count, cutAt, kind },
  );
  expect(bytes.length).toBeGreaterThan(1000);
  const mimeType = { webm: "video/webm", mov: "video/quicktime" }[kind];
  return { name: `waves.${kind}`, mimeType, buffer: Buffer.from(bytes) };
}

/**
 * Takes a video apart: `{width, height, frames, times, sound}` with the pixels of all frames, and of
 * the packets of sound their times and bytes (in hex).
 */
export async function apart(page, bytes) {
  const found = await page.evaluate(async (bytes) => {
    const library = await import(new URL("motion/mediabunny.js", location.href));
    const source = new library.BlobSource(new Blob([Uint8Array.from(bytes)]));
    const input = new library.Input({ formats: library.ALL_FORMATS, source });
    const [track, voice] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
    const [frames, times, sound] = [[], [], []];
    for await (const { canvas, timestamp } of new library.CanvasSink(track).canvases()) {
      const { width, height } = canvas;
      const flat = new OffscreenCanvas(width, height).getContext("2d");
      flat.drawImage(canvas, 0, 0);
      frames.push(Array.from(flat.getImageData(0, 0, width, height).data));
      times.push(timestamp);
    }
    if (voice) {
      for await (const packet of new library.EncodedPacketSink(voice).packets()) {
        sound.push({
          time: packet.timestamp,
          seconds: packet.duration,
          hex: packet.data.toHex?.() ?? packet.data.join(),
        });
      }
    }
    return {
      width: await track.getDisplayWidth(),
      height: await track.getDisplayHeight(),
      duration: await track.computeDuration(),
      codec: voice ? await voice.getCodec() : undefined,
      frames,
      times,
      sound,
    };
  }, Array.from(bytes));
  const { width, height } = found;
  const pictures = found.frames.map((data) => ({ width, height, data: Uint8Array.from(data) }));
  return { ...found, frames: pictures };
}
