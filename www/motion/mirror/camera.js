// The camera: asked for, named, given back. What goes wrong is told in words.

/** Whether this page may ask for a camera at all. */
export const hasCameras = () => Boolean(navigator.mediaDevices?.getUserMedia);

/** What to do where it may not. */
export const NO_CAMERAS =
  "Browsers lend a camera only to pages that come by https, and this one does not. Open the page by https.";

/**
 * Asks for a camera.
 *
 * @param {string | undefined} id One of {@link cameras}, or whichever looks at the reader.
 * @param {(error: Error) => void} onLost Called when it is taken away later.
 * @returns {Promise<{video: HTMLVideoElement, id: string, pause(is: boolean), close()}>}
 */
export async function openCamera(id, onLost) {
  if (!hasCameras()) throw new Error(NO_CAMERAS);
  const which = id ? { deviceId: { exact: id } } : { facingMode: "user" };
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { ...which, width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (error) {
    throw new Error(reason(error), { cause: error });
  }
  const [track] = stream.getVideoTracks();
  const video = document.createElement("video");
  Object.assign(video, { muted: true, playsInline: true, srcObject: stream });
  const close = () => {
    track.onended = undefined;
    track.stop();
    video.srcObject = null;
  };
  // Only when somebody else ends it.
  track.onended = () => {
    close();
    onLost(
      new Error("The camera is gone. Plug it in again or close what uses it; then turn it on."),
    );
  };
  try {
    await video.play();
  } catch (error) {
    close();
    throw new Error("The camera is there but shows no picture. Try another one.", { cause: error });
  }
  const pause = (is) => (track.enabled = !is);
  return { video, id: track.getSettings().deviceId, pause, close };
}

/** The cameras of this machine, `{id, name}`; they have names once one was allowed. */
export async function cameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter(({ kind, deviceId }) => kind === "videoinput" && deviceId)
    .map(({ deviceId, label }, index) => ({ id: deviceId, name: label || `Camera ${index + 1}` }));
}

function reason({ name }) {
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return "The camera was refused. If you want the mirror, allow the camera for this page (the sign of a camera or lock beside the address), then press again.";
    case "NotFoundError":
      return "There is no camera on this machine, or it is switched off. Plug one in, then press again.";
    case "NotReadableError":
    case "AbortError":
      return "The camera is in use by another program. Close that, then press again.";
    case "OverconstrainedError":
      return "That camera is no longer there. Choose another one.";
    default:
      return "The camera could not be opened. Close other programs that may use it, then press again.";
  }
}
