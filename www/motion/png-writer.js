// A worker that makes PNG files of pictures: `{number, picture}` in, `{number, blob}` out; without a
// blob where it could not.

onmessage = async ({ data: { number, picture } }) => {
  try {
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    canvas.getContext("2d").putImageData(picture, 0, 0);
    postMessage({ number, blob: await canvas.convertToBlob({ type: "image/png" }) });
  } catch (error) {
    console.error(error);
    postMessage({ number });
  }
};
