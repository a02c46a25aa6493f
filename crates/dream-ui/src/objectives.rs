//! What the controls of the objectives make of what the user does; pure, so that it can be tested.

use dream_protocol::{COSINE_POWER, DreamSettings, Objective, ObjectiveKind};

use crate::words;

/// A kind of objective as users choose it.
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// What it does, in one line.
    pub hint: &'static str,
    /// The objective of that kind that is chosen first; it can be dreamed, but for those that need a
    /// picture or a file.
    pub first: fn() -> ObjectiveKind,
}

const fn kind(name: &'static str, hint: &'static str, first: fn() -> ObjectiveKind) -> Kind {
    Kind { name, hint, first }
}

/// The key that no material has.
pub const NO_MATERIAL: u32 = u32::MAX;

/// All kinds, in the order of the list.
pub const KINDS: [Kind; 10] = [
    kind("Whole layer", "whatever the layer sees, more of it", || ObjectiveKind::L2),
    kind("Mean", "all of the layer evenly, the weak as much as the strong", || ObjectiveKind::Mean),
    kind("Channels", "single features: each channel of a layer looks for one thing", || {
        ObjectiveKind::Channels { channels: vec![0], before_relu: false }
    }),
    kind("Class", "a thing that the network can name", || ObjectiveKind::Class { index: 0 }),
    kind("Neuron", "one feature at one place of the picture", || ObjectiveKind::Neuron {
        channel: 0,
        x: 0.5,
        y: 0.5,
        before_relu: false,
    }),
    kind("Guide by channels", "the features that another picture shows", || {
        ObjectiveKind::GuideChannels { guide: NO_MATERIAL }
    }),
    kind(
        "Guide by best match",
        "every place becomes like the part of another picture closest to it",
        || ObjectiveKind::GuideMatch { guide: NO_MATERIAL },
    ),
    kind("Direction", "a concept that was taught with the command dream teach", || {
        ObjectiveKind::Direction {
            direction: Vec::new(),
            cosine_power: COSINE_POWER.default as f32,
        }
    }),
    kind("Caricature", "what the picture itself shows, exaggerated", || {
        ObjectiveKind::Caricature { cosine_power: COSINE_POWER.default as f32 }
    }),
    kind("Style", "the textures of another picture, anywhere", || ObjectiveKind::Style {
        style: NO_MATERIAL,
    }),
];

/// Which of [`KINDS`] it is.
pub fn number(kind: &ObjectiveKind) -> usize {
    match kind {
        ObjectiveKind::L2 => 0,
        ObjectiveKind::Mean => 1,
        ObjectiveKind::Channels { .. } => 2,
        ObjectiveKind::Class { .. } => 3,
        ObjectiveKind::Neuron { .. } => 4,
        ObjectiveKind::GuideChannels { .. } => 5,
        ObjectiveKind::GuideMatch { .. } => 6,
        ObjectiveKind::Direction { .. } => 7,
        ObjectiveKind::Caricature { .. } => 8,
        ObjectiveKind::Style { .. } => 9,
    }
}

/// An objective made to be of another kind; what both kinds have stays.
pub fn turned(objective: &Objective, to: usize) -> Objective {
    let mut kind = (KINDS[to].first)();
    let material = objective.kind.material();
    match (&mut kind, &objective.kind) {
        (ObjectiveKind::Class { .. }, _) => {
            // It looks at the picture as a whole.
            let (layer, mask) = (String::new(), dream_protocol::Mask::None);
            return Objective { layer, kind, mask, ..objective.clone() };
        }
        (
            ObjectiveKind::Channels { channels, before_relu },
            ObjectiveKind::Neuron { channel, before_relu: before, .. },
        ) => (*channels, *before_relu) = (vec![*channel], *before),
        (
            ObjectiveKind::Neuron { channel, before_relu, .. },
            ObjectiveKind::Channels { channels, before_relu: before },
        ) => (*channel, *before_relu) = (channels.first().copied().unwrap_or_default(), *before),
        (
            ObjectiveKind::GuideChannels { guide: index }
            | ObjectiveKind::GuideMatch { guide: index }
            | ObjectiveKind::Style { style: index },
            _,
        ) => *index = material.map_or(NO_MATERIAL, |material| material as u32),
        _ => {}
    }
    Objective { kind, ..objective.clone() }
}

/// Changes objective number `at`; where there is none yet, the default one becomes the first.
pub fn edit(settings: &mut DreamSettings, at: usize, change: impl FnOnce(&mut Objective)) {
    if settings.objectives.is_empty() {
        settings.objectives.push(Objective::default());
    }
    if let Some(objective) = settings.objectives.get_mut(at) {
        change(objective);
    }
}

/// Channels as people write them: `3, 17-20`.
///
/// # Errors
/// What is wrong with it, in words.
pub fn channels(text: &str, count: u32) -> Result<Vec<u32>, String> {
    let mut channels = Vec::new();
    for part in text.split([',', ' ', ';']).map(str::trim).filter(|part| !part.is_empty()) {
        let (from, to) = part.split_once(['-', '–']).unwrap_or((part, part));
        let number = |text: &str| {
            text.trim()
                .parse::<u32>()
                .map_err(|_| format!("“{part}” is not a channel: write 3, 17-20"))
        };
        let (from, to) = (number(from)?, number(to)?);
        if to >= count || from > to {
            return Err(format!("“{part}” is not within 0 to {}", count.saturating_sub(1)));
        }
        for channel in from..=to {
            if let Err(at) = channels.binary_search(&channel) {
                channels.insert(at, channel);
            }
        }
    }
    if channels.is_empty() {
        Err("name at least one channel, such as 3".into())
    } else {
        Ok(channels)
    }
}

/// Channels as text that [`channels`] reads.
pub fn channels_text(channels: &[u32]) -> String {
    let mut runs: Vec<[u32; 2]> = Vec::new();
    for &channel in channels {
        match runs.last_mut() {
            Some([_, last]) if *last + 1 == channel => *last = channel,
            _ => runs.push([channel; 2]),
        }
    }
    let run = |[from, to]: [u32; 2]| match to - from {
        0 => from.to_string(),
        _ => format!("{from}-{to}"),
    };
    runs.into_iter().map(run).collect::<Vec<_>>().join(", ")
}

/// What an objective still needs before it can be dreamed.
pub fn lacks(objective: &Objective, has: impl Fn(u32) -> bool) -> Option<&'static str> {
    let painted = objective.mask.material();
    match (&objective.kind, objective.kind.material()) {
        (ObjectiveKind::Direction { direction, .. }, _) if direction.is_empty() => {
            Some("a file that dream teach has saved")
        }
        (_, Some(key)) if !has(key as u32) => Some("a picture"),
        _ => painted.filter(|key| !has(*key as u32)).map(|_| "a mask"),
    }
}

/// What one of several objectives needs before the dream can begin.
pub fn all_lack(settings: &DreamSettings, has: impl Fn(u32) -> bool) -> Option<String> {
    let lacking = settings.objectives.iter().enumerate().find_map(|(at, objective)| {
        let kind = KINDS[number(&objective.kind)].name;
        let what = lacks(objective, &has)?;
        Some(format!(
            "Objective {} ({kind}) still needs {what}. Choose it, or another kind.",
            at + 1
        ))
    });
    let mask = || match settings.prior.mask {
        dream_protocol::Mask::Material { index } if !has(index) => Some(words::NO_MASK.to_owned()),
        _ => None,
    };
    lacking.or_else(mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_what_they_are_called() {
        for (at, kind) in KINDS.iter().enumerate() {
            let made = (kind.first)();
            assert_eq!(number(&made), at, "{}", kind.name);
            let objective = Objective { kind: made, ..Objective::layer("a") };
            let needs = matches!(at, 5 | 6 | 7 | 9);
            assert_eq!(lacks(&objective, |_| false).is_some(), needs, "{}", kind.name);
            assert!(needs || objective.check().is_ok(), "{}", kind.name);
        }
    }

    #[test]
    fn channels_are_read_as_they_are_written() {
        assert_eq!(channels("20, 3 17-19, 3", 32), Ok(vec![3, 17, 18, 19, 20]));
        assert_eq!(channels_text(&[3, 17, 18, 19, 20]), "3, 17-20");
        assert_eq!(channels(&channels_text(&[0, 1, 5]), 6), Ok(vec![0, 1, 5]));
        for bad in ["", "x", "32", "5-3", "1-", "-1", "1-99"] {
            assert!(channels(bad, 32).is_err(), "{bad}");
        }
    }

    #[test]
    fn another_kind_keeps_what_it_can() {
        let neuron = Objective {
            kind: ObjectiveKind::Neuron { channel: 7, x: 0.1, y: 0.2, before_relu: true },
            ..Objective::layer("a")
        };
        let channels = turned(&neuron, 2);
        let kind = ObjectiveKind::Channels { channels: vec![7], before_relu: true };
        assert_eq!(channels, Objective { kind, ..neuron.clone() });
        assert_eq!(
            turned(&channels, 4).kind,
            ObjectiveKind::Neuron { channel: 7, x: 0.5, y: 0.5, before_relu: true }
        );
        assert_eq!(turned(&neuron, 3).layer, "", "a class has its own layer");
        let guide = Objective { kind: ObjectiveKind::GuideMatch { guide: 5 }, ..neuron };
        assert_eq!(turned(&guide, 9).kind, ObjectiveKind::Style { style: 5 });
    }

    #[test]
    fn what_is_missing_is_told() {
        let mut settings = DreamSettings::default();
        edit(&mut settings, 0, |it| it.kind = ObjectiveKind::Style { style: 5 });
        assert!(
            all_lack(&settings, |_| false).is_some_and(|it| it.contains("Objective 1 (Style)"))
        );
        assert_eq!(all_lack(&settings, |key| key == 5), None);
        settings.prior.mask = dream_protocol::Mask::Material { index: 6 };
        assert!(all_lack(&settings, |key| key == 5).is_some());
    }
}
