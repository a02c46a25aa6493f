//! What the page knows of the inside of the network: portraits of channels, what each layer makes
//! of the picture, what fires where.

use std::{collections::HashMap, sync::Arc};

use dream_protocol::{Event, Firing, Picture, RequestId};
use leptos::prelude::*;

/// A channel of a layer.
pub type Channel = (String, u32);
/// A layer, or one of its channels.
pub type Raised = (String, Option<u32>);

/// Which part of the inside is on show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All channels of a layer with their portraits.
    Channels,
    /// What each layer makes of the picture.
    Layers,
}

/// The channels that fire at a place of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Fired {
    /// From left to right and from top to bottom, 0 to 1.
    pub at: [f32; 2],
    /// ONNX tensor name of the layer.
    pub layer: String,
    /// The strongest first.
    pub firing: Vec<Firing>,
}

/// What the worker answers to a question about the inside.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A small dream.
    Sketch(Arc<Picture>),
    /// Channels, the strongest first.
    Probe(Vec<Firing>),
    /// It failed; an alert says why.
    Failed,
}

/// Signals of the inside.
#[derive(Clone, Copy)]
pub struct Inside {
    /// What is on show, if anything.
    pub sight: RwSignal<Option<Sight>>,
    /// The layer whose channels are on show.
    pub layer: RwSignal<String>,
    /// Its channels, those first that fire most at the picture.
    pub order: RwSignal<Vec<u32>>,
    /// Whether they are in that order yet.
    pub sorted: RwSignal<bool>,
    /// How many of them are on show.
    pub many: RwSignal<usize>,
    /// Part of a channel's number that is looked for.
    pub search: RwSignal<String>,
    /// Whether only favourites are on show.
    pub only_favourites: RwSignal<bool>,
    /// What was marked.
    pub favourites: RwSignal<Vec<Channel>>,
    /// The portraits drawn so far.
    pub portraits: RwSignal<HashMap<Channel, Arc<Picture>>>,
    /// Whether channels are shown by what they make of the picture.
    pub on_picture: RwSignal<bool>,
    /// What layers make of the picture, and channels.
    pub sketches: RwSignal<HashMap<Raised, Arc<Picture>>>,
    /// Whether a press on the picture asks what fires there.
    pub pointing: RwSignal<bool>,
    /// What fires at the place last pointed at.
    pub fired: RwSignal<Option<Fired>>,
    /// The question under way.
    pub asked: RwSignal<Option<RequestId>>,
    /// The answer to the question last asked.
    pub answer: RwSignal<Option<Answer>>,
    /// Whether somebody draws.
    pub drawing: RwSignal<bool>,
}

impl Inside {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Self {
            sight: RwSignal::new(None),
            layer: RwSignal::new(String::new()),
            order: RwSignal::new(Vec::new()),
            sorted: RwSignal::new(false),
            many: RwSignal::new(0),
            search: RwSignal::new(String::new()),
            only_favourites: RwSignal::new(false),
            favourites: RwSignal::new(Vec::new()),
            portraits: RwSignal::new(HashMap::new()),
            on_picture: RwSignal::new(false),
            sketches: RwSignal::new(HashMap::new()),
            pointing: RwSignal::new(false),
            fired: RwSignal::new(None),
            asked: RwSignal::new(None),
            answer: RwSignal::new(None),
            drawing: RwSignal::new(false),
        }
    }

    /// Takes in an answer, if the event is the one that is waited for.
    pub fn hear(&self, event: &Event) {
        let (id, answer) = match event {
            Event::Sketched { id, picture } => (*id, Answer::Sketch(Arc::new(picture.clone()))),
            Event::Probed { id, firing } => (*id, Answer::Probe(firing.clone())),
            Event::Failed { id: Some(id), .. } => (*id, Answer::Failed),
            _ => return,
        };
        if self.asked.get_untracked() == Some(id) {
            self.answer.set(Some(answer));
            self.asked.set(None);
        }
    }

    /// What another model or picture makes wrong is forgotten.
    pub fn forget(&self, model_too: bool) {
        self.sketches.update(HashMap::clear);
        self.sorted.set(false);
        self.fired.set(None);
        if model_too {
            self.portraits.update(HashMap::clear);
            self.favourites.update(Vec::clear);
            self.layer.set(String::new());
        }
    }

    /// The channels to show; tracked.
    pub fn shown(&self) -> Vec<Channel> {
        let (layer, search) = (self.layer.get(), self.search.get());
        let favourites = self.only_favourites.get().then(|| self.favourites.get());
        let wanted = |channel: &&u32| {
            favourites.as_ref().is_none_or(|it| it.contains(&(layer.clone(), **channel)))
                && channel.to_string().contains(search.trim())
        };
        let order = self.order.get();
        let shown = order.iter().filter(wanted).take(self.many.get());
        shown.map(|&channel| (layer.clone(), channel)).collect()
    }

    /// Marks a channel, or takes the mark away.
    pub fn mark(&self, channel: &Channel) {
        self.favourites.update(|favourites| match favourites.iter().position(|it| it == channel) {
            Some(at) => drop(favourites.remove(at)),
            None => favourites.push(channel.clone()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_found_by_number_and_mark() {
        let inside = Inside::new();
        inside.layer.set("a".into());
        inside.order.set(vec![12, 3, 23, 4]);
        inside.many.set(3);
        let shown = || inside.shown().into_iter().map(|(_, channel)| channel).collect::<Vec<_>>();
        assert_eq!(shown(), [12, 3, 23]);
        inside.search.set("3 ".into());
        assert_eq!(shown(), [3, 23]);
        inside.mark(&("a".into(), 23));
        inside.mark(&("b".into(), 3));
        inside.only_favourites.set(true);
        assert_eq!(shown(), [23]);
        inside.mark(&("a".into(), 23));
        assert!(shown().is_empty());
    }

    #[test]
    fn another_picture_keeps_the_channels_and_has_them_sorted_anew() {
        let inside = Inside::new();
        inside.layer.set("a".into());
        inside.order.set(vec![1, 0]);
        inside.many.set(9);
        inside.sorted.set(true);
        inside.forget(false);
        assert_eq!(inside.shown().len(), 2);
        assert!(!inside.sorted.get_untracked());
        inside.forget(true);
        assert_eq!(inside.layer.get_untracked(), "", "another model has other layers");
    }

    #[test]
    fn only_the_answer_that_is_waited_for_counts() {
        let inside = Inside::new();
        inside.asked.set(Some(4));
        let probed = |id| Event::Probed { id, firing: Vec::new() };
        inside.hear(&probed(3));
        assert_eq!(inside.answer.get_untracked(), None);
        inside.hear(&probed(4));
        assert_eq!(inside.answer.get_untracked(), Some(Answer::Probe(Vec::new())));
        assert_eq!(inside.asked.get_untracked(), None);
    }
}
