//! Journeys through a dream: what changes from frame to frame.

use dream_protocol::{
    DreamSettings, ModelId, Objective, ObjectiveKind, Range, SEED, STEP_SIZE, SettingsError, Start,
};
use serde::{Deserialize, Serialize};

use crate::Movement;

/// How many frames a journey has.
pub const FRAMES: Range =
    Range { name: "Frames", min: 1.0, max: 100_000.0, step: 1.0, default: 100.0 };
/// Frames a second when it is shown.
pub const FPS: Range =
    Range { name: "Frames a second", min: 1.0, max: 60.0, step: 1.0, default: 25.0 };
/// Share of the picture that is cut away from one frame to the next.
pub const ZOOM: Range = Range { name: "Zoom", min: -0.5, max: 0.5, step: 0.005, default: 0.05 };
/// Degrees by which the picture turns clockwise from one frame to the next.
pub const ROTATION: Range =
    Range { name: "Rotation", min: -45.0, max: 45.0, step: 0.5, default: 0.0 };
/// From left to right, or from top to bottom.
const CENTER: Range = Range { name: "Center", min: 0.0, max: 1.0, step: 0.01, default: 0.5 };

/// A journey: every frame is the one before it, moved a little and dreamed anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Journey {
    /// See [`FRAMES`].
    pub frames: u32,
    /// See [`FPS`].
    pub fps: f32,
    /// The model that it was made for, whose layers the keyframes name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    /// How every frame is dreamed, where no keyframe says otherwise.
    pub settings: DreamSettings,
    /// What changes on the way, by rising frames.
    pub keyframes: Vec<Keyframe>,
}

/// What holds at a frame. A number that is left out is what lies between those of the keyframes
/// before and after; where there is none on one side, it is that of the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keyframe {
    /// Which frame, from 0.
    pub frame: u32,
    /// See [`ZOOM`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoom: Option<f32>,
    /// See [`ROTATION`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation: Option<f32>,
    /// See [`Movement::center`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub center: Option<[f32; 2]>,
    /// The step size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strength: Option<f32>,
    /// ONNX tensor name of the layer to raise; from one keyframe to the next they cross over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// One channel of that layer, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<u32>,
}

/// How a frame comes from the one before it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// How that one is moved; the first frame is not.
    pub movement: Movement,
    /// How the moved picture is dreamed.
    pub settings: DreamSettings,
}

/// A journey that cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum JourneyError {
    /// A number out of range.
    #[error("{0}")]
    Settings(#[from] SettingsError),
    /// The same of a keyframe.
    #[error("keyframe {frame}: {error}")]
    Keyframe {
        /// Its frame.
        frame: u32,
        /// Which number.
        error: SettingsError,
    },
    /// Keyframes that do not rise.
    #[error("keyframe {0} comes after a later one, or twice; sort the keyframes by their frames")]
    Order(u32),
    /// A channel of no layer.
    #[error("keyframe {0} names a channel, but no layer that it belongs to")]
    Channel(u32),
}

impl Default for Journey {
    fn default() -> Self {
        Self {
            frames: FRAMES.default as u32,
            fps: FPS.default as f32,
            model: None,
            settings: DreamSettings::default(),
            keyframes: Vec::new(),
        }
    }
}

impl Journey {
    /// Checks every number against its range, and that the keyframes rise.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<(), JourneyError> {
        FRAMES.check(self.frames.into())?;
        FPS.check(self.fps.into())?;
        self.settings.check()?;
        self.keyframes.iter().try_for_each(Keyframe::check)?;
        match self.keyframes.windows(2).find(|pair| pair[0].frame >= pair[1].frame) {
            Some(pair) => Err(JourneyError::Order(pair[1].frame)),
            None => Ok(()),
        }
    }

    /// How a frame comes from the one before it. Every frame has a seed of its own, so that their
    /// jitter differs.
    pub fn step(&self, frame: u32) -> Step {
        let mut settings = self.settings.clone();
        settings.seed = (settings.seed + frame) % (SEED.max as u32 + 1);
        if frame > 0 {
            settings.start = Start::Picture;
        }
        if let Some(strength) = self.number(frame, |key| key.strength) {
            settings.step_size = strength;
        }
        let crossing = self.layers(frame);
        if !crossing.is_empty() {
            // By themselves, deep layers would drown shallow ones.
            settings.balance |= crossing.len() > 1;
            settings.objectives = crossing;
        }
        Step { movement: self.movement(frame), settings }
    }

    fn movement(&self, frame: u32) -> Movement {
        if frame == 0 {
            return Movement::NONE;
        }
        let [x, y] = [0, 1].map(|axis| {
            self.number(frame, |key| key.center.map(|center| center[axis]))
                .unwrap_or(CENTER.default as f32)
        });
        Movement {
            zoom: self.number(frame, |key| key.zoom).unwrap_or(ZOOM.default as f32),
            rotation: self.number(frame, |key| key.rotation).unwrap_or(ROTATION.default as f32),
            center: [x, y],
        }
    }

    /// A number at a frame, in a straight line from keyframe to keyframe.
    fn number(&self, frame: u32, of: impl Fn(&Keyframe) -> Option<f32>) -> Option<f32> {
        let (before, after) = self.around(frame, |key| of(key).is_some());
        let value = |key: Option<&Keyframe>| key.and_then(&of);
        match (value(before), value(after)) {
            (Some(from), Some(to)) => Some(from + share(frame, before, after) * (to - from)),
            (one, other) => one.or(other),
        }
    }

    /// What is raised at a frame, if keyframes say so.
    fn layers(&self, frame: u32) -> Vec<Objective> {
        match self.around(frame, |key| key.layer.is_some()) {
            (Some(from), Some(to)) if from.raised() != to.raised() => {
                let share = share(frame, Some(from), Some(to));
                let weighted = [(from, 1.0 - share), (to, share)];
                let counts = weighted.into_iter().filter(|(_, weight)| *weight > 0.0);
                counts.map(|(key, weight)| Objective { weight, ..key.raised() }).collect()
            }
            (one, other) => one.or(other).map(Keyframe::raised).into_iter().collect(),
        }
    }

    /// The last keyframe up to a frame and the first one after it, of those that say something.
    fn around(
        &self,
        frame: u32,
        says: impl Fn(&Keyframe) -> bool,
    ) -> (Option<&Keyframe>, Option<&Keyframe>) {
        let mut keys = self.keyframes.iter().filter(|key| says(key));
        let before = keys.clone().take_while(|key| key.frame <= frame).last();
        (before, keys.find(|key| key.frame > frame))
    }
}

impl Keyframe {
    fn check(&self) -> Result<(), JourneyError> {
        let [x, y] = self.center.map_or([None; 2], |center| center.map(Some));
        let numbers = [
            (self.zoom, ZOOM),
            (self.rotation, ROTATION),
            (x, CENTER),
            (y, CENTER),
            (self.strength, STEP_SIZE),
        ];
        for (number, range) in numbers {
            let checked = number.map_or(Ok(()), |number| range.check(number.into()));
            checked.map_err(|error| JourneyError::Keyframe { frame: self.frame, error })?;
        }
        if self.channel.is_some() && self.layer.is_none() {
            return Err(JourneyError::Channel(self.frame));
        }
        Ok(())
    }

    /// What it raises.
    fn raised(&self) -> Objective {
        let kind = self.channel.map_or(ObjectiveKind::L2, |channel| ObjectiveKind::Channels {
            channels: vec![channel],
            before_relu: false,
        });
        let layer = self.layer.clone().unwrap_or_default();
        Objective { layer, kind, ..Objective::default() }
    }
}

/// How far a frame lies from one keyframe to another.
fn share(frame: u32, before: Option<&Keyframe>, after: Option<&Keyframe>) -> f32 {
    match (before, after) {
        (Some(before), Some(after)) => {
            (frame - before.frame) as f32 / (after.frame - before.frame) as f32
        }
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journey(keyframes: &str) -> Journey {
        let text = format!(r#"{{"frames": 50, "keyframes": {keyframes}}}"#);
        serde_json::from_str(&text).expect("a journey")
    }

    #[test]
    fn numbers_go_in_straight_lines_between_the_keyframes_that_state_them() {
        let journey = journey(
            r#"[{"frame": 10, "zoom": 0.1},
                {"frame": 15, "rotation": 3, "center": [0.2, 0.8]},
                {"frame": 20, "zoom": 0.2, "strength": -2}]"#,
        );
        assert_eq!(journey.check(), Ok(()));
        let movement = |frame| journey.step(frame).movement;
        let zooms = [1, 10, 15, 20, 49].map(|frame| movement(frame).zoom);
        assert_eq!(zooms, [0.1, 0.1, 0.15, 0.2, 0.2]);
        assert_eq!(movement(40).rotation, 3.0);
        assert_eq!(movement(12).center, [0.2, 0.8]);
        assert_eq!(journey.step(0).settings.step_size, -2.0);
        assert_eq!(movement(0), Movement::NONE, "the first frame comes from nowhere");
        assert_eq!(Journey::default().step(7).movement.zoom, 0.05);
    }

    #[test]
    fn layers_cross_over() {
        let journey =
            journey(r#"[{"frame": 0, "layer": "a"}, {"frame": 10, "layer": "b", "channel": 3}]"#);
        let raised = |frame| journey.step(frame).settings;
        assert_eq!(raised(0).objectives.len(), 1);
        assert!(!raised(0).balance);
        let between = raised(3);
        let weights: Vec<_> = between.objectives.iter().map(|it| (&*it.layer, it.weight)).collect();
        assert_eq!(weights, [("a", 0.7), ("b", 0.3)]);
        assert!(between.balance);
        let channel = ObjectiveKind::Channels { channels: vec![3], before_relu: false };
        assert_eq!(raised(30).objectives.first().map(|it| &it.kind), Some(&channel));
    }

    #[test]
    fn without_keyframes_every_frame_is_dreamed_as_the_settings_say() {
        let objective = Objective { layer: "c".to_owned(), ..Objective::default() };
        let settings = DreamSettings {
            objectives: vec![objective],
            seed: 9998,
            start: Start::Noise,
            ..DreamSettings::default()
        };
        let journey = Journey { settings: settings.clone(), ..Journey::default() };
        assert_eq!(journey.step(0).settings, settings);
        let later = journey.step(3).settings;
        assert_eq!((later.objectives, later.seed), (settings.objectives, 1));
        assert_eq!((settings.start, later.start), (Start::Noise, Start::Picture));
    }

    #[test]
    fn what_cannot_be_is_told() {
        let refused = |keyframes| journey(keyframes).check().expect_err("refused").to_string();
        assert!(refused(r#"[{"frame": 3, "zoom": 0.6}]"#).contains("keyframe 3: Zoom is 0.6"));
        assert!(refused(r#"[{"frame": 3}, {"frame": 3}]"#).contains("sort"));
        assert!(refused(r#"[{"frame": 4, "channel": 3}]"#).contains("no layer"));
        assert!(refused(r#"[{"frame": 4, "center": [0.5, 1.2]}]"#).contains("Center"));
        let none = Journey { frames: 0, ..Journey::default() };
        assert!(none.check().is_err());
        assert!(serde_json::from_str::<Journey>(r#"{"keyframes": [{"zooom": 1}]}"#).is_err());
    }
}
