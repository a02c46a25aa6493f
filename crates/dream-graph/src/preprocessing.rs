//! How pixels become network input.

/// Order of the colour channels that a network reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorLayout {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red, as Caffe's networks.
    Bgr,
}

/// Network input = (pixel − mean) × scale, pixel in 0–255, channels in the network's order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preprocessing {
    /// Order of the channels.
    pub layout: ColorLayout,
    /// Subtracted, per network channel, in levels of 0–255.
    pub mean: [f32; 3],
    /// Multiplied, per network channel, after the subtraction.
    pub scale: [f32; 3],
}

impl Preprocessing {
    /// Index of the picture's red, green and blue in the network's channels.
    pub fn rgb_channels(&self) -> [usize; 3] {
        match self.layout {
            ColorLayout::Rgb => [0, 1, 2],
            ColorLayout::Bgr => [2, 1, 0],
        }
    }

    /// Network input of a pixel level in a network channel.
    pub fn to_input(&self, channel: usize, level: f32) -> f32 {
        (level - self.mean[channel]) * self.scale[channel]
    }

    /// Pixel level of a network input in a network channel.
    pub fn to_level(&self, channel: usize, input: f32) -> f32 {
        input / self.scale[channel] + self.mean[channel]
    }
}
