//! Steering: a dream takes up other settings between two bursts, and goes on where it ended.

use std::sync::Arc;

use dream_graph::{Buffer, Engine, Program};
use dream_protocol::{DreamSettings, Parametrisation, Picture};

use crate::{
    clock::Clock,
    error::DreamError,
    mask::Reach,
    picture::size_of,
    plan::material_sizes,
    session::Session,
    target::{Materials, all_there},
};

/// What steering replaces.
struct Recording {
    settings: DreamSettings,
    programs: Vec<Arc<Program>>,
    materials: Materials,
    mask: Option<Reach>,
    targets: Vec<Vec<Arc<[f32]>>>,
}

impl<E: Engine> Session<E> {
    /// Dreams on with other settings, and with other `pictures` as guides, styles and masks where
    /// there are. The sizes of the octaves, the rounds and the parametrisation stay; whatever else
    /// is asked for counts from the next burst on, and the image is kept as it is. What has been
    /// dreamed where another mask lets nothing change stays, too; in Fourier space that is what
    /// finished octaves have dreamed.
    ///
    /// # Errors
    /// Settings out of range, an unknown layer, a missing picture, a layer too deep for the size of
    /// this octave, too little memory: then the dream is as it was. Or whatever the engine reports.
    pub async fn update(
        &mut self,
        settings: &DreamSettings,
        pictures: Option<&[Picture]>,
    ) -> Result<(), DreamError> {
        settings.check()?;
        let DreamSettings { octaves, octave_scale, size, again, .. } = self.settings;
        let mut settings = DreamSettings { octaves, octave_scale, size, again, ..settings.clone() };
        settings.prior.parametrisation = self.settings.prior.parametrisation;
        let differs = pictures.is_some() || needs_recording(&self.settings, &settings);
        if differs && self.octave < self.octaves() {
            self.record_again(settings, pictures).await?;
        } else {
            self.settings = settings;
        }
        Ok(())
    }

    /// Takes up a dream that has ended: one that was stopped goes on to its end, one that was
    /// finished does as many iterations more, in its last octave, as the settings say.
    ///
    /// # Errors
    /// Like [`update`](Self::update).
    pub async fn keep_going(
        &mut self,
        settings: &DreamSettings,
        pictures: Option<&[Picture]>,
    ) -> Result<(), DreamError> {
        settings.check()?;
        let finished = self.octave == self.octaves();
        let before = (self.octave, self.settings.iterations);
        if finished {
            self.octave -= 1;
        }
        let done = self.iteration;
        if let Err(error) = self.update(settings, pictures).await {
            (self.octave, self.settings.iterations) = before;
            return Err(error);
        }
        if finished {
            self.settings.iterations += done;
        }
        self.clock = Clock::new(&self.sizes().rungs.repeat(1 + self.settings.again as usize));
        Ok(())
    }

    /// Replaces the programs from this octave on, and the pictures where there are others.
    async fn record_again(
        &mut self,
        settings: DreamSettings,
        pictures: Option<&[Picture]>,
    ) -> Result<(), DreamError> {
        let (mut sizes, rung) = (self.sizes(), self.rung(self.octave));
        let network = self.network.as_ref();
        let materials = match pictures {
            Some(pictures) => {
                let extents: Vec<_> = pictures.iter().map(size_of).collect();
                sizes.materials = material_sizes(network, &settings, &extents)?;
                let full = sizes.rungs[sizes.rungs.len() - 1];
                Materials::new(network, &settings, pictures, &sizes.materials, full)?
            }
            None => {
                all_there(&settings, self.materials.seen.len())?;
                self.materials.clone()
            }
        };
        // A later round climbs through all of them again.
        let last_round = self.octave + sizes.rungs.len() - rung == self.octaves();
        let first = if last_round { rung } else { 0 };
        let recorded = sizes.programs_from(first, network, &settings, &self.engine)?;
        let mut programs = self.programs.clone();
        programs.splice(first.., recorded.into_iter().map(Arc::new));
        let mut state = Vec::new();
        if self.iteration > 0 {
            self.gather().await?;
            for &buffer in self.state() {
                state.push((buffer, self.engine.read(buffer).await?));
            }
        }
        let mask_differs = pictures.is_some() || settings.prior.mask != self.settings.prior.mask;
        let mask_due = self.mask_due || mask_differs;
        let mask = self.mask.clone();
        let after = Recording { settings, programs, materials, mask, targets: Vec::new() };
        let before = self.replace(after);
        let was_due = std::mem::replace(&mut self.mask_due, mask_due);
        match self.go_on(&state).await {
            Ok(()) => Ok(()),
            // The engine has gone; another takes the settings up.
            Err(error @ DreamError::Engine(_)) => Err(error),
            Err(error) => {
                self.replace(before);
                self.mask_due = was_due;
                self.go_on(&state).await?;
                Err(error)
            }
        }
    }

    fn replace(&mut self, by: Recording) -> Recording {
        Recording {
            settings: std::mem::replace(&mut self.settings, by.settings),
            programs: std::mem::replace(&mut self.programs, by.programs),
            materials: std::mem::replace(&mut self.materials, by.materials),
            mask: std::mem::replace(&mut self.mask, by.mask),
            targets: std::mem::replace(&mut self.targets, by.targets),
        }
    }

    /// Goes on within an octave: its prologue makes ready what its program needs, and the image and
    /// whatever belongs to it stay.
    async fn go_on(&mut self, state: &[(Buffer, Vec<f32>)]) -> Result<(), DreamError> {
        if !state.is_empty() {
            self.prepare(self.programs[self.rung(self.octave)].clone()).await?;
            for (buffer, data) in state {
                self.engine.write(*buffer, data)?;
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
