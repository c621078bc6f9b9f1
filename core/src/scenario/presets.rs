//! Scenarios to start from, each with its source in its note.

use super::{Diagnostic, Scenario};

/// One preset.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Name in links and on the command line.
    pub name: &'static str,
    json: &'static str,
}

/// Every preset, the order of the menu. To add one: a file in `core/data/presets` and a line here.
pub const PRESETS: &[Preset] = &[
    Preset { name: "interactive-chat", json: include_str!("../../data/presets/interactive-chat.json") },
    Preset { name: "code-generation", json: include_str!("../../data/presets/code-generation.json") },
    Preset { name: "summarization", json: include_str!("../../data/presets/summarization.json") },
    Preset { name: "reasoning", json: include_str!("../../data/presets/reasoning.json") },
    Preset { name: "pd-chat", json: include_str!("../../data/presets/pd-chat.json") },
    Preset { name: "pd-code-generation", json: include_str!("../../data/presets/pd-code-generation.json") },
    Preset { name: "optimized-baseline", json: include_str!("../../data/presets/optimized-baseline.json") },
];

impl Preset {
    /// The preset of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Preset> {
        PRESETS.iter().find(|p| p.name == name)
    }

    /// Its scenario.
    ///
    /// # Errors
    /// When its file cannot be read, which a test excludes.
    pub fn scenario(&self) -> Result<Scenario, Diagnostic> {
        Scenario::from_json(self.json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::scenario::{check, encode};

    #[test]
    fn every_preset_is_sound_and_has_a_short_link() {
        for preset in PRESETS {
            let scenario = preset.scenario().expect("reads");
            assert_eq!(check(&scenario, &Catalog::builtin()), [], "{}", preset.name);
            assert_eq!(scenario.unknown_settings(), [""; 0], "{}", preset.name);
            assert!(encode(&scenario).len() <= 800, "{}: {}", preset.name, encode(&scenario).len());
        }
    }
}
