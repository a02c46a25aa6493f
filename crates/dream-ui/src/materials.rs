//! The pictures that a dream takes besides the one it begins with: guides, styles and masks.
//!
//! On the page the settings name them by keys that no two pictures share, so that undo, stills and
//! restored recipes never mean another picture. What is sent or saved counts them from 0.

use std::sync::Arc;

use dream_protocol::{DreamSettings, Mask, ObjectiveKind, Picture};

use crate::objectives::NO_MATERIAL;

/// Longest side at which they are kept: guides and styles are seen smaller still, and masks are soft.
pub const SIDE: u32 = 1024;
/// Keys are below this, so that single precision holds them.
pub const KEYS: u32 = 1 << 24;
/// At most so many are kept, the oldest dropped first.
const MOST: usize = 80;

/// A picture with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Material {
    /// File name.
    pub name: String,
    /// Its pixels.
    pub picture: Arc<Picture>,
}

/// All of them with their keys, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Materials(Vec<(u32, Material)>);

impl Materials {
    /// Keeps one under a new key, `random` if nothing has it yet. Those that the settings use stay.
    pub fn add(&mut self, random: u32, material: Material, settings: &DreamSettings) -> u32 {
        let free = |key: &u32| self.get(*key).is_none();
        let key = (random % KEYS..).find(free).unwrap_or_default();
        if self.0.len() == MOST {
            let used = keys(settings);
            if let Some(at) = self.0.iter().position(|(old, _)| !used.contains(old)) {
                self.0.remove(at);
            }
        }
        self.0.push((key, material));
        key
    }

    /// Has one again that had this key on an earlier visit.
    pub fn put_back(&mut self, key: u32, material: Material) {
        if self.get(key).is_none() {
            self.0.push((key, material));
        }
    }

    /// The one of that key.
    pub fn get(&self, key: u32) -> Option<&Material> {
        self.0.iter().find(|(at, _)| *at == key).map(|(_, material)| material)
    }
}

/// The keys that settings name, in the order in which they name them.
pub fn keys(settings: &DreamSettings) -> Vec<u32> {
    let mut keys = Vec::new();
    for key in named(&mut settings.clone()) {
        if !keys.contains(key) {
            keys.push(*key);
        }
    }
    keys
}

/// The settings with every material under another name.
pub fn renamed(settings: &DreamSettings, name: impl Fn(u32) -> u32) -> DreamSettings {
    let mut settings = settings.clone();
    named(&mut settings).into_iter().for_each(|key| *key = name(*key));
    settings
}

/// The settings with materials counted from 0, and their keys in that order.
pub fn counted(settings: &DreamSettings) -> (DreamSettings, Vec<u32>) {
    let keys = keys(settings);
    (as_sent(settings, &keys).unwrap_or_else(|| settings.clone()), keys)
}

/// The settings for a dream that holds the materials `sent`; none if they name another.
pub fn as_sent(settings: &DreamSettings, sent: &[u32]) -> Option<DreamSettings> {
    let place = |key: u32| sent.iter().position(|it| *it == key);
    keys(settings)
        .iter()
        .all(|&key| place(key).is_some())
        .then(|| renamed(settings, |key| place(key).map_or(NO_MATERIAL, |place| place as u32)))
}

fn named(settings: &mut DreamSettings) -> Vec<&mut u32> {
    fn painted(mask: &mut Mask) -> Option<&mut u32> {
        match mask {
            Mask::Material { index } => Some(index),
            Mask::None | Mask::Activations => None,
        }
    }
    let of_objectives = settings.objectives.iter_mut().flat_map(|it| {
        let aim = match &mut it.kind {
            ObjectiveKind::GuideChannels { guide } | ObjectiveKind::GuideMatch { guide } => {
                Some(guide)
            }
            ObjectiveKind::Style { style } => Some(style),
            _ => None,
        };
        aim.into_iter().chain(painted(&mut it.mask))
    });
    of_objectives.chain(painted(&mut settings.prior.mask)).collect()
}

#[cfg(test)]
mod tests {
    use dream_protocol::Objective;

    use super::*;

    fn settings(guide: u32, style: u32, mask: Option<u32>) -> DreamSettings {
        let of = |kind| Objective { kind, ..Objective::layer("a") };
        let mut settings = DreamSettings {
            objectives: vec![
                of(ObjectiveKind::GuideMatch { guide }),
                of(ObjectiveKind::L2),
                of(ObjectiveKind::Style { style }),
                of(ObjectiveKind::GuideChannels { guide }),
            ],
            ..DreamSettings::default()
        };
        settings.prior.mask = mask.map_or(Mask::None, |index| Mask::Material { index });
        settings
    }

    #[test]
    fn materials_are_counted_as_they_are_named() {
        let (sent, keys) = counted(&settings(90, 7, Some(8)));
        assert_eq!(keys, [90, 7, 8]);
        assert_eq!(sent, settings(0, 1, Some(2)));
        assert_eq!(counted(&DreamSettings::default()), (DreamSettings::default(), Vec::new()));
    }

    #[test]
    fn a_dream_under_way_has_the_pictures_that_were_sent() {
        let sent = [90, 7];
        assert_eq!(as_sent(&settings(7, 90, None), &sent), Some(settings(1, 0, None)));
        assert_eq!(as_sent(&settings(7, 8, None), &sent), None);
        assert_eq!(as_sent(&settings(7, 90, Some(8)), &sent), None);
    }

    #[test]
    fn keys_are_never_shared_and_the_oldest_unused_goes_first() {
        let material = Material {
            name: "a.png".into(),
            picture: Arc::new(Picture { width: 1, height: 1, rgba: vec![0; 4] }),
        };
        let mut materials = Materials::default();
        let settings = settings(5, 6, None);
        let keys: Vec<_> =
            (0..MOST + 1).map(|_| materials.add(5, material.clone(), &settings)).collect();
        assert_eq!(keys[..3], [5, 6, 7]);
        assert_eq!(materials.0.len(), MOST);
        assert!(materials.get(5).is_some() && materials.get(7).is_none());
    }
}
