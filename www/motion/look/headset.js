// The picture around a reader who wears a headset, by WebXR.
//
//   await hasHeadset()
//   await enter(sphere, {onEnd})     until the reader takes leave

import { ofMatrix } from "./turning.js";

export async function hasHeadset() {
  try {
    return (await navigator.xr?.isSessionSupported("immersive-vr")) ?? false;
  } catch {
    // A policy of who embeds this page may forbid even the question.
    return false;
  }
}

export async function enter(sphere, { onEnd }) {
  const { gl } = sphere;
  // Asked first: it has to follow from a press of a button.
  const session = await navigator.xr.requestSession("immersive-vr").catch((cause) => {
    throw new Error("The headset could not be used. Is it on, and allowed for this page?", {
      cause,
    });
  });
  session.addEventListener("end", onEnd);
  try {
    await gl.makeXRCompatible();
    const layer = new XRWebGLLayer(session, gl, { antialias: false, depth: false });
    session.updateRenderState({ baseLayer: layer });
    const space = await session.requestReferenceSpace("local");
    const show = (_, frame) => {
      session.requestAnimationFrame(show);
      const pose = frame.getViewerPose(space);
      gl.bindFramebuffer(gl.FRAMEBUFFER, layer.framebuffer);
      for (const view of pose?.views ?? []) {
        const { x, y, width, height } = layer.getViewport(view);
        const p = view.projectionMatrix;
        const rays = [1 / p[0], 1 / p[5], p[8] / p[0], p[9] / p[5]];
        const turn = ofMatrix(view.transform.matrix);
        sphere.draw({ turn, rays }, [x, y, width, height]);
      }
      gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    };
    session.requestAnimationFrame(show);
  } catch (error) {
    await session.end().catch(() => {});
    throw error;
  }
}
