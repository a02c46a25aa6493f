//! Settings that leave layers open, completed by what a model offers.

use dream::DreamError;
use dream_onnx::Model;
use dream_protocol::{DreamSettings, Objective, ObjectiveKind};

/// The settings with every layer named: the logits for classes and the default layer for everything
/// else, which is also raised where there is no objective.
///
/// # Errors
/// [`DreamError::NoHead`] for a class of a model that knows none.
pub fn with_layers(
    mut settings: DreamSettings,
    model: &Model,
) -> Result<DreamSettings, DreamError> {
    if settings.objectives.is_empty() {
        settings.objectives.push(Objective::default());
    }
    for objective in settings.objectives.iter_mut().filter(|it| it.layer.is_empty()) {
        let layer = match objective.kind {
            ObjectiveKind::Class { .. } => &model.head().ok_or(DreamError::NoHead)?.logits,
            _ => model.default_layer(),
        };
        layer.clone_into(&mut objective.layer);
    }
    Ok(settings)
}
