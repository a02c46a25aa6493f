// What shaders that can handle one pixel or four at once call a pack: here, one pixel. fours.wgsl is the
// other way.

alias Pack = f32;
