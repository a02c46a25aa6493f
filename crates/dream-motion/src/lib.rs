//! Pictures in motion: what feeds a dream back in, and what watches over it.
//!
//! Nothing here dreams. A [`Journey`] says how every frame is moved and dreamed, a [`Carry`] takes
//! what was dreamed from one frame of a film to the next, [`Stillness`] tells when a mirror may
//! dream, [`FlashGuard`] holds back what flashes, and [`Gif`] writes frames where nothing else can.
//! The page of moving pictures and the command line dream between these steps, so both make the
//! same frames. All pictures are RGBA, 8 bits a channel.

mod carry;
mod cells;
mod flashes;
mod flow;
mod gif;
mod journey;
mod light;
mod movement;
mod stillness;

pub use carry::{BLEND, Carry};
pub use flashes::{FLASHES, FlashGuard};
pub use gif::{Gif, GifError};
pub use journey::{FPS, FRAMES, Journey, JourneyError, Keyframe, ROTATION, Step, ZOOM};
pub use movement::{Movement, composed, moved};
pub use stillness::Stillness;
