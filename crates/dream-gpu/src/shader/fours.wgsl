// What shaders that can handle one pixel or four at once call a pack: here, four neighbours. Planes and
// offsets are multiples of four. each.wgsl is the other way.

alias Pack = vec4<f32>;
