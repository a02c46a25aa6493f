//! Steering: a dream takes up other settings between two bursts, and goes on where it ended.

use std::sync::Arc;

use dream_graph::{Buffer, Engine};
use dream_protocol::{DreamSettings, Objective, Parametrisation};

use crate::{clock::Clock, error::DreamError, session::Session};

impl<E: Engine> Session<E> {
    /// Dreams on with other settings. The sizes of the octaves, the rounds, the mask and the
    /// parametrisation stay; whatever else is asked for counts from the next burst on, and the image
    /// is kept as it is.
    ///
    /// # Errors
    /// Settings out of range, an unknown layer, a layer too deep for the size of this octave, too
    /// little memory: then the dream is as it was. Or whatever the engine reports.
    pub async fn update(&mut self, settings: &DreamSettings) -> Result<(), DreamError> {
        settings.check()?;
        let DreamSettings { octaves, octave_scale, size, again, .. } = self.settings;
        let mut settings = DreamSettings { octaves, octave_scale, size, again, ..settings.clone() };
        settings.prior.mask = self.settings.prior.mask;
        settings.prior.parametrisation = self.settings.prior.parametrisation;
        if needs_recording(&self.settings, &settings) && self.octave < self.octaves() {
            self.record_again(&settings).await?;
        }
        self.settings = settings;
        Ok(())
    }

    /// Takes up a dream that has ended: one that was stopped goes on to its end, one that was
    /// finished does as many iterations more, in its last octave, as the settings say.
    ///
    /// # Errors
    /// Like [`update`](Self::update).
    pub async fn keep_going(&mut self, settings: &DreamSettings) -> Result<(), DreamError> {
        settings.check()?;
        let finished = self.octave == self.octaves();
        let before = (self.octave, self.settings.iterations);
        if finished {
            self.octave -= 1;
        }
        let done = self.iteration;
        if let Err(error) = self.update(settings).await {
            (self.octave, self.settings.iterations) = before;
            return Err(error);
        }
        if finished {
            self.settings.iterations += done;
        }
        self.clock = Clock::new(&self.sizes().rungs.repeat(1 + self.settings.again as usize));
        Ok(())
    }

    /// Replaces the programs from this octave on.
    async fn record_again(&mut self, settings: &DreamSettings) -> Result<(), DreamError> {
        let count = self.materials.len();
        let needed = settings.objectives.iter().flat_map(Objective::materials);
        if let Some(index) = needed.max().filter(|index| *index >= count) {
            return Err(DreamError::Material { index, count });
        }
        let (sizes, rung) = (self.sizes(), self.rung(self.octave));
        // A later round climbs through all of them again.
        let last_round = self.octave + sizes.rungs.len() - rung == self.octaves();
        let first = if last_round { rung } else { 0 };
        let network = self.network.as_ref();
        let programs = sizes.programs_from(first, network, settings, &self.engine)?;
        let programs: Vec<_> = programs.into_iter().map(Arc::new).collect();
        let mut state = Vec::new();
        if self.iteration > 0 {
            self.gather().await?;
            for &buffer in self.state() {
                state.push((buffer, self.engine.read(buffer).await?));
            }
        }
        self.programs.splice(first.., programs);
        self.settings = settings.clone();
        self.targets.clear();
        if !state.is_empty() {
            // The prologue makes ready whatever the new program needs; the image stays.
            self.prepare(self.programs[rung].clone()).await?;
            for (buffer, data) in state {
                self.engine.write(buffer, &data)?;
            }
        }
        Ok(())
    }

    /// What iterations go on from.
    fn state(&self) -> &'static [Buffer] {
        match self.settings.prior.parametrisation {
            Parametrisation::Pixels => &[Buffer::Image],
            Parametrisation::Fourier => &[Buffer::Image, Buffer::Spectrum, Buffer::Anchor],
        }
    }
}

/// Whether the programs depend on what differs.
fn needs_recording(before: &DreamSettings, after: &DreamSettings) -> bool {
    let recorded = |settings: &DreamSettings| DreamSettings {
        iterations: 0,
        step_size: 0.0,
        jitter: 0,
        seed: 0,
        ..settings.clone()
    };
    recorded(before) != recorded(after)
}
