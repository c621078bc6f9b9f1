//! Scenarios to start from, each with its source in its note.

use super::{Diagnostic, Scenario};

/// One preset.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Name in links and on the command line.
    pub name: &'static str,
    /// Which one of this name. One that was published stays as it is, since links name it: a changed one is another row with the
    /// next number, after the old one.
    pub version: u32,
    json: &'static str,
}

/// The text of a file in `core/data/presets`.
macro_rules! stored {
    ($file:literal) => {
        include_str!(concat!("../../data/presets/", $file, ".json"))
    };
}

/// Every preset, the order of the menu. To add one: a file in `core/data/presets` and a line here.
pub const PRESETS: &[Preset] = &[
    Preset { name: "interactive-chat", version: 1, json: stored!("interactive-chat") },
    Preset { name: "code-generation", version: 1, json: stored!("code-generation") },
    Preset { name: "summarization", version: 1, json: stored!("summarization") },
    Preset { name: "reasoning", version: 1, json: stored!("reasoning") },
    Preset { name: "admission", version: 1, json: stored!("admission") },
    Preset { name: "pd-chat", version: 1, json: stored!("pd-chat") },
    Preset { name: "pd-code-generation", version: 1, json: stored!("pd-code-generation") },
    Preset { name: "optimized-baseline", version: 1, json: stored!("optimized-baseline") },
    Preset { name: "catalogue-interactive-chat", version: 1, json: stored!("catalogue-interactive-chat") },
    Preset { name: "catalogue-code-generation", version: 1, json: stored!("catalogue-code-generation") },
    Preset { name: "catalogue-deep-research", version: 1, json: stored!("catalogue-deep-research") },
    Preset { name: "catalogue-reasoning", version: 1, json: stored!("catalogue-reasoning") },
    Preset { name: "catalogue-summarization", version: 1, json: stored!("catalogue-summarization") },
    Preset { name: "catalogue-synthetic-data", version: 1, json: stored!("catalogue-synthetic-data") },
    Preset { name: "bench-chatbot", version: 1, json: stored!("bench-chatbot") },
    Preset { name: "bench-code-completion", version: 1, json: stored!("bench-code-completion") },
    Preset { name: "bench-summarization", version: 1, json: stored!("bench-summarization") },
    Preset { name: "bench-shared-prefix", version: 1, json: stored!("bench-shared-prefix") },
    Preset { name: "bench-optimized-baseline", version: 1, json: stored!("bench-optimized-baseline") },
    Preset { name: "bench-tiered-prefix", version: 1, json: stored!("bench-tiered-prefix") },
    Preset { name: "bench-pd", version: 1, json: stored!("bench-pd") },
    Preset { name: "bench-random-concurrent", version: 1, json: stored!("bench-random-concurrent") },
    Preset { name: "bench-priority-mix", version: 1, json: stored!("bench-priority-mix") },
];

impl Preset {
    /// The newest preset of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Preset> {
        PRESETS.iter().rfind(|p| p.name == name)
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
