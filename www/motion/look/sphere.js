// A 360° picture around the viewer, drawn by WebGL: every pixel of the screen is a direction, every
// direction a place of the picture. The picture is equirectangular: across it lie the directions of
// the horizon, once around; down it, the heights from zenith to nadir.
//
//   openSphere(canvas) → {show(bitmap), draw({turn, rays}, viewport?), gl, size}
//     turn: 3×3 rotation from the viewer to the world, by columns; the viewer looks along −z
//     rays: [sx, sy, ox, oy], what a place −1..1 of the screen is times s plus o, at depth 1

const VERTEX = `#version 300 es
in vec2 place;
out vec2 at;
void main() {
  at = place;
  gl_Position = vec4(place, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec2 at;
out vec4 color;
uniform sampler2D picture;
uniform mat3 turn;
uniform vec4 rays;
/** How much of the height from pole to pole the picture has. */
uniform float tall;
const float PI = 3.14159265358979;
void main() {
  vec3 ray = normalize(turn * vec3(at * rays.xy + rays.zw, -1.0));
  float across = 0.5 + atan(ray.x, -ray.z) / (2.0 * PI);
  float down = 0.5 - asin(clamp(ray.y, -1.0, 1.0)) / PI / tall;
  color = down < 0.0 || down > 1.0
    ? vec4(0.039, 0.043, 0.063, 1.0)
    : vec4(textureLod(picture, vec2(across, down), 0.0).rgb, 1.0);
}`;

const NO_WEBGL =
  "This browser cannot draw 360° pictures here (no WebGL 2). Try another browser, or turn on graphics acceleration in its settings.";

export function openSphere(canvas) {
  const gl = canvas.getContext("webgl2", { antialias: false, preserveDrawingBuffer: true });
  if (!gl) throw new Error(NO_WEBGL);
  let [program, places, tall, shown] = [undefined, {}, 1, undefined];

  function begin() {
    program = link(gl);
    gl.useProgram(program);
    places = Object.fromEntries(
      ["turn", "rays", "tall"].map((name) => [name, gl.getUniformLocation(program, name)]),
    );
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    // One triangle that covers the screen.
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
    const place = gl.getAttribLocation(program, "place");
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 2, gl.FLOAT, false, 0, 0);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.REPEAT);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    if (shown) upload();
  }

  function upload() {
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, shown);
  }

  begin();
  canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
  canvas.addEventListener("webglcontextrestored", begin);

  return {
    gl,
    /** Longest side of a picture that can be shown. */
    longest: gl.getParameter(gl.MAX_TEXTURE_SIZE),
    show(picture) {
      shown = picture;
      // A picture that is wider than 2:1 lacks the sky above and the ground below.
      tall = Math.min(1, (2 * picture.height) / picture.width);
      upload();
    },
    draw({ turn, rays }, viewport = [0, 0, canvas.width, canvas.height]) {
      if (gl.isContextLost()) return;
      gl.viewport(...viewport);
      gl.uniformMatrix3fv(places.turn, false, turn);
      gl.uniform4fv(places.rays, rays);
      gl.uniform1f(places.tall, tall);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    },
  };
}

function link(gl) {
  const program = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    throw new Error(NO_WEBGL, { cause: gl.getProgramInfoLog(program) });
  }
  return program;
}
