//! What the network itself sees in the picture: before, at the end of every octave, and after.

use std::{sync::Arc, time::Duration};

use dream_protocol::{Classified, Picture};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    bridge::Bridge,
    reactive::{effect, memo},
    state::{Health, State},
};

/// How long the picture must rest before the network is asked.
const REST: Duration = Duration::from_millis(150);
/// The shorter side at which it is asked: more than networks look at.
const SIDE: u32 = 512;

/// What it sees, and in what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// The most likely classes in the picture that the dream begins with, and which model says so.
    pub before: Option<(String, Arc<Picture>, Vec<Classified>)>,
    /// Those in the frame on show; empty without one.
    pub now: Vec<Classified>,
}

/// A class with its probability before and now, as far as it is among the most likely.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its label.
    pub label: String,
    /// 0 to 1.
    pub before: Option<f32>,
    /// 0 to 1.
    pub now: Option<f32>,
}

/// What to look at.
#[derive(Clone)]
struct Look {
    model: String,
    original: Arc<Picture>,
    frame: Option<Arc<Picture>>,
}

impl Seen {
    /// All classes that are among the most likely before or now.
    pub fn rows(&self) -> Vec<Row> {
        let before = self.before.as_ref().map_or(&[][..], |(.., classes)| classes);
        let of = |classes: &[Classified], index: u32| {
            classes.iter().find(|it| it.index == index).map(|it| it.probability)
        };
        let new = before.iter().filter(|it| of(&self.now, it.index).is_none());
        let row = |class: &Classified| Row {
            label: class.label.clone(),
            before: of(before, class.index),
            now: of(&self.now, class.index),
        };
        self.now.iter().chain(new).map(row).collect()
    }
}

/// Looks from now on, whenever it is asked to show what it sees.
pub fn keep_looking(state: State, bridge: Bridge) {
    let octave = memo(move || state.progress.with(|it| it.map(|it| it.octave)));
    let next = StoredValue::new_local(None::<Look>);
    let busy = StoredValue::new(false);
    let look = memo(move || {
        let asked = state.looking.get()
            && state.worker.get() == Health::Alive
            && state.opening.get().is_none()
            && state.variants.get().is_none();
        if !asked {
            return None;
        }
        let model = state
            .model
            .with(|it| it.as_ref().filter(|it| it.classifies).map(|it| it.sha256.clone()))?;
        let original = state.original.with(|it| it.as_ref().map(|it| it.picture.clone()))?;
        // While it dreams, once for each octave.
        octave.get();
        let frame = match state.dream.with(Option::is_some) {
            true => state.frame.get_untracked(),
            false => state.frame.get(),
        };
        Some((model, original, frame))
    });
    effect(move || {
        let Some((model, original, frame)) = look.get() else { return };
        let asked = set_timeout_with_handle(
            move || {
                next.set_value(Some(Look {
                    model: model.clone(),
                    original: original.clone(),
                    frame: frame.clone(),
                }));
                if !busy.get_value() {
                    busy.set_value(true);
                    spawn_local(async move {
                        while let Some(look) = next.try_update_value(Option::take).flatten() {
                            see(state, bridge, look).await;
                        }
                        busy.set_value(false);
                    });
                }
            },
            REST,
        );
        on_cleanup(move || {
            // Without timers nothing was asked either.
            let _ = asked.map(|timer| timer.clear());
        });
    });
}

async fn see(state: State, bridge: Bridge, Look { model, original, frame }: Look) {
    let known = state.seen.with_untracked(|seen| {
        seen.before
            .as_ref()
            .is_some_and(|(by, picture, _)| *by == model && Arc::ptr_eq(picture, &original))
    });
    if !known {
        let classes = bridge.classified(&reduced(&original)).await;
        state.seen.set(Seen { before: Some((model, original, classes)), now: Vec::new() });
    }
    let now = match frame {
        Some(frame) => bridge.classified(&reduced(&frame)).await,
        None => Vec::new(),
    };
    state.seen.update(|seen| seen.now = now);
}

/// Fewer pixels of a large picture.
fn reduced(picture: &Picture) -> Picture {
    let Picture { width, height, ref rgba } = *picture;
    let every = (width.min(height) / SIDE).max(1);
    if every == 1 {
        return picture.clone();
    }
    let rows = rgba.chunks_exact(width as usize * 4).step_by(every as usize);
    let pixels = rows.flat_map(|row| row.chunks_exact(4).step_by(every as usize)).flatten();
    let rgba = pixels.copied().collect();
    Picture { width: width.div_ceil(every), height: height.div_ceil(every), rgba }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(index: u32, probability: f32) -> Classified {
        Classified { index, label: format!("class {index}"), probability }
    }

    #[test]
    fn classes_before_and_now_are_put_side_by_side() {
        let picture = Arc::new(Picture { width: 1, height: 1, rgba: vec![0; 4] });
        let before = Some((String::new(), picture, vec![class(1, 0.5), class(2, 0.25)]));
        let seen = Seen { before, now: vec![class(3, 0.75), class(1, 0.125)] };
        let rows: Vec<_> =
            seen.rows().into_iter().map(|it| (it.label, it.before, it.now)).collect();
        let row = |index: u32, before, now| (format!("class {index}"), before, now);
        assert_eq!(
            rows,
            [row(3, None, Some(0.75)), row(1, Some(0.5), Some(0.125)), row(2, Some(0.25), None)]
        );
    }

    #[test]
    fn large_pictures_are_reduced_and_small_ones_are_not() {
        let picture = |width: u32, height: u32| Picture {
            width,
            height,
            rgba: (0..width * height).flat_map(|at| [(at % width) as u8; 4]).collect(),
        };
        assert_eq!(reduced(&picture(700, 600)), picture(700, 600));
        let smaller = reduced(&picture(1500, 1025));
        assert_eq!((smaller.width, smaller.height), (750, 513));
        assert_eq!(smaller.rgba.len(), 750 * 513 * 4);
        assert_eq!(smaller.rgba[4], 2);
    }
}
