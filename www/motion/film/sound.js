// The sound of a film, passed through: packets as they are where the new file can hold them, and
// otherwise encoded anew.

import { mediabunny } from "../save.js";

/** How many bits a second sound is given that has to be encoded anew. */
const BITRATE = 128_000;

/**
 * What becomes of a film's sound in a file of a format.
 *
 * @param track The film's sound, if it has any.
 * @param format A mediabunny output format.
 * @returns {Promise<{how: "copied" | "encoded" | "none" | "lost", codec?: string}>} `lost`: there is
 *   sound, but it can neither be copied nor encoded here.
 */
export async function fate(track, format) {
  if (!track) return { how: "none" };
  const holds = format.getSupportedAudioCodecs();
  const codec = await track.getCodec();
  if (codec && holds.includes(codec)) return { how: "copied", codec };
  const { getFirstEncodableAudioCodec } = await mediabunny();
  if (!(await track.canDecode())) return { how: "lost" };
  const [numberOfChannels, sampleRate] = await Promise.all([
    track.getNumberOfChannels(),
    track.getSampleRate(),
  ]);
  const wanted = ["aac", "opus"].filter((name) => holds.includes(name));
  const options = { numberOfChannels, sampleRate, bitrate: BITRATE };
  const encoded = await getFirstEncodableAudioCodec(wanted, options);
  return encoded ? { how: "encoded", codec: encoded } : { how: "lost" };
}

/** What a reader is told of it. */
export function words({ how, codec }) {
  const name = { aac: "AAC", opus: "Opus", mp3: "MP3", vorbis: "Vorbis", flac: "FLAC" }[codec];
  return {
    copied: `Sound: kept as it is (${name ?? codec}).`,
    encoded: `Sound: kept, encoded anew (${name ?? codec}).`,
    lost: "Sound: cannot be kept, this browser cannot read it.",
    absent: "Sound: open the film again, and it will be kept.",
    unheld: "Sound: this format has none.",
    none: "The film has no sound.",
  }[how];
}

/**
 * Puts sound into an output, before that is started.
 *
 * @param {{track, how, codec}} sound See {@link fate}.
 * @param {{start: number, end: number}} span The part of the film that is kept, in its time stamps.
 * @returns {Promise<(() => Promise<void>) | undefined>} Adds it, once the output has started.
 */
export async function addSound(output, library, { track, how, codec }, span) {
  if (how === "copied") {
    const source = new library.EncodedAudioPacketSource(codec);
    output.addAudioTrack(source);
    const decoderConfig = await track.getDecoderConfig();
    return async () => {
      for await (const packet of packets(library, track, span)) {
        await source.add(packet, { decoderConfig });
      }
      source.close();
    };
  }
  if (how === "encoded") {
    const source = new library.AudioSampleSource({ codec, bitrate: BITRATE });
    output.addAudioTrack(source);
    return async () => {
      for await (const sample of samples(library, track, span)) {
        await source.add(sample);
        sample.close();
      }
      source.close();
    };
  }
}

/** The packets that begin within a span, in the time of the new film. */
async function* packets(library, track, { start, end }) {
  const sink = new library.EncodedPacketSink(track);
  const first = (await sink.getPacket(start)) ?? (await sink.getFirstPacket());
  if (!first) return;
  for await (const packet of sink.packets(first)) {
    if (packet.timestamp >= end) return;
    const timestamp = packet.timestamp - start;
    if (timestamp > -1e-6) yield packet.clone({ timestamp: Math.max(0, timestamp) });
  }
}

/** The same as what is decoded from them, cut exactly. */
async function* samples(library, track, { start, end }) {
  for await (const sample of new library.AudioSampleSink(track).samples(start, end)) {
    const [skip, stop] = [start, end].map((time) =>
      Math.round((time - sample.timestamp) * sample.sampleRate),
    );
    const [from, to] = [Math.max(0, skip), Math.min(sample.numberOfFrames, stop)];
    if (from >= to) {
      sample.close();
      continue;
    }
    const whole = from === 0 && to === sample.numberOfFrames;
    const piece = whole ? sample : sample.trim(from, to);
    if (piece !== sample) sample.close();
    piece.setTimestamp(Math.max(0, piece.timestamp - start));
    yield piece;
  }
}
