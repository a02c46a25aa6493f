//! What the page asks of the worker.

use std::sync::Arc;

use dream_protocol::{
    Classified, DreamSettings, EngineChoice, File, Picture, Recipe, Remix, Request, RequestId,
};
use leptos::{prelude::*, task::spawn_local};

use super::{Bridge, STOP_PATIENCE, release};
use crate::{
    film, materials,
    pace::{breathe, until},
    planning::Plan,
    recipes,
    state::{Answer, Bench, Dream, Health, Phase},
};

impl Bridge {
    /// Asks what a dream would take.
    pub fn plan(&self, plan: Plan) {
        let id = self.next_id();
        self.state.planning.set(Some(id));
        self.send(plan.request(id));
    }

    /// Measures an iteration that raises the chosen layer of a picture of `size` × `size` pixels.
    pub fn bench(&self, size: u32) {
        let id = self.next_id();
        self.state.bench.set(Some(Bench::Running(id, 0.0, "getting ready".to_owned())));
        let (layer, engine) =
            (untrack(|| self.state.layer()), self.state.engine_choice.get_untracked());
        self.send(Request::Bench { id, layer, size, engine });
    }

    /// Dreams on the picture to begin with.
    pub fn dream(&self) {
        let original = self.state.original.get_untracked();
        if let Some(original) = original {
            self.dream_on(original.picture, false);
        }
    }

    /// Dreams on the dream on show.
    pub fn again(&self) {
        if let Some(frame) = self.state.frame.get_untracked() {
            self.dream_on(frame, true);
        }
    }

    fn dream_on(&self, picture: Arc<Picture>, steered: bool) {
        if let Some(lacks) = untrack(|| self.state.lacks()) {
            return self.state.alert(lacks);
        }
        let id = self.next_id();
        let settings = untrack(|| self.state.dream_settings());
        film::begin(self.state, steered);
        self.state.begin_dream(id);
        let recipe = untrack(|| recipes::of(self.state, settings.clone()));
        self.state.made.set(Some(Recipe { steered, ..recipe }));
        let (settings, materials) = self.with_materials(&settings);
        let request = Request::Dream {
            id,
            picture: (*picture).clone(),
            materials,
            settings,
            engine: self.state.engine_choice.get_untracked(),
        };
        self.update(|inner| inner.waiting.push(request));
        let bridge = *self;
        spawn_local(async move {
            // The page shows that it has begun before it moves the pixels.
            breathe().await;
            if bridge.state.worker.get_untracked() == Health::Alive {
                bridge.send_waiting();
            }
        });
    }

    /// Lets the dream under way go on with the settings as they are now, unless they lack a picture.
    pub fn steer(&self) {
        let (dream, lacks) = (self.state.dream.get_untracked(), untrack(|| self.state.lacks()));
        let (Some(Dream { id, phase: Phase::Running }), None) = (dream, lacks) else { return };
        let settings = untrack(|| self.state.dream_settings());
        let sent = self.state.sent.with_untracked(|sent| materials::as_sent(&settings, sent));
        let (settings, materials) = match sent {
            Some(settings) => (settings, None),
            None => {
                let (settings, materials) = self.with_materials(&settings);
                (settings, Some(materials))
            }
        };
        self.send(Request::Update { id, settings, materials });
    }

    /// Takes up the dream that has ended.
    pub fn keep_going(&self) {
        let Some((id, _)) = self.state.ended.get_untracked() else { return };
        if let Some(lacks) = untrack(|| self.state.lacks()) {
            return self.state.alert(lacks);
        }
        let (settings, materials) = self.with_materials(&untrack(|| self.state.dream_settings()));
        let materials = (!materials.is_empty()).then_some(materials);
        film::begin(self.state, true);
        self.state.begin_dream(id);
        self.state.made.update(|made| {
            made.iter_mut().for_each(|made| made.steered = true);
        });
        self.send(Request::KeepGoing { id, settings, materials });
    }

    /// Puts together anew what the octaves of the dream that has ended have added.
    pub fn remix(&self, remix: Remix) {
        let Some((id, _)) = self.state.ended.get_untracked() else { return };
        self.state.mixing.set(true);
        self.state.mixed.set(remix.clone());
        self.send(Request::Remix { id, remix });
    }

    /// What the network sees in a picture, most likely first; nothing where it cannot say.
    pub async fn classified(&self, picture: &Picture) -> Vec<Classified> {
        let (id, state) = (self.next_id(), self.state);
        state.classes.set(None);
        state.classifying.set(Some(id));
        self.send(Request::Classify { id, picture: picture.clone() });
        until(move || state.classifying.get_untracked() != Some(id)).await;
        let answer = state.classes.get_untracked().filter(|(answered, _)| *answered == id);
        answer.map_or(Vec::new(), |(_, classes)| classes)
    }

    /// Asks something about the inside of the network, one question at a time, and waits for the
    /// answer; none if the engine ends meanwhile.
    pub async fn ask(&self, request: impl FnOnce(RequestId) -> Request) -> Option<Answer> {
        let (id, state) = (self.next_id(), self.state);
        let inside = state.inside;
        until(move || inside.asked.get_untracked().is_none()).await;
        inside.answer.set(None);
        inside.asked.set(Some(id));
        self.send(request(id));
        let dead = move || matches!(state.worker.get_untracked(), Health::Dead(_));
        until(move || inside.asked.get_untracked() != Some(id) || dead()).await;
        inside.asked.update(|asked| {
            asked.take_if(|asked| *asked == id);
        });
        inside.answer.get_untracked()
    }

    /// Goes on with the interrupted dream.
    pub fn go_on(&self, engine: EngineChoice) {
        if let Some(id) = self.state.begin_continue() {
            self.send(Request::Continue { id, engine });
            // What was asked when it failed has got lost.
            self.state.sent.set(Vec::new());
            self.steer();
        }
    }

    /// Ends the dream under way with what it has reached.
    pub fn stop(&self) {
        let Some(id) = self.state.begin_stop() else { return };
        if self.take_back(id) {
            self.state.end_dream(None);
            return;
        }
        self.send(Request::Stop { id });
        let bridge = *self;
        set_timeout(move || bridge.lose_patience(id), STOP_PATIENCE);
    }

    /// Ends the dream under way, if there is one, and forgets it.
    pub fn abandon(&self) {
        let Some(id) = self.state.begin_stop() else { return };
        if !self.take_back(id) {
            self.send(Request::Stop { id });
        }
        self.state.end_dream(None);
    }

    /// Opens the user's model: the `.onnx` file and its external-data files.
    pub fn open_model(&self, files: Vec<File>) {
        let id = self.next_id();
        self.state.opening.set(Some(id));
        let replaced = self
            .inner
            .try_update_value(|inner| std::mem::replace(&mut inner.opening, files.clone()));
        release(&replaced.unwrap_or_default());
        self.send(Request::LoadModel { id, files });
    }

    /// The settings with materials counted from 0, and these, which the dream in the worker is about
    /// to hold.
    fn with_materials(&self, settings: &DreamSettings) -> (DreamSettings, Vec<Picture>) {
        let (settings, keys) = materials::counted(settings);
        let pictures = self.state.materials.with_untracked(|all| {
            let pixels = |key: &u32| all.get(*key).map(|it| (*it.picture).clone());
            keys.iter().filter_map(pixels).collect()
        });
        self.state.sent.set(keys);
        (settings, pictures)
    }

    /// Removes a dream that has not been sent yet; says whether there was one.
    fn take_back(&self, dream: RequestId) -> bool {
        self.update(|inner| {
            let before = inner.waiting.len();
            inner.waiting.retain(|it| !matches!(it, Request::Dream { id, .. } if *id == dream));
            inner.waiting.len() < before
        })
    }
}
