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

/// Every preset, the order of the menu. To add one: a file in `core/data/presets` and a line here.
pub const PRESETS: &[Preset] = &[
    Preset { name: "interactive-chat", version: 1, json: include_str!("../../data/presets/interactive-chat.json") },
    Preset { name: "code-generation", version: 1, json: include_str!("../../data/presets/code-generation.json") },
    Preset { name: "summarization", version: 1, json: include_str!("../../data/presets/summarization.json") },
    Preset { name: "reasoning", version: 1, json: include_str!("../../data/presets/reasoning.json") },
    Preset { name: "admission", version: 1, json: include_str!("../../data/presets/admission.json") },
    Preset { name: "pd-chat", version: 1, json: include_str!("../../data/presets/pd-chat.json") },
    Preset { name: "pd-code-generation", version: 1, json: include_str!("../../data/presets/pd-code-generation.json") },
    Preset { name: "optimized-baseline", version: 1, json: include_str!("../../data/presets/optimized-baseline.json") },
    Preset {
        name: "catalogue-interactive-chat",
        version: 1,
        json: include_str!("../../data/presets/catalogue-interactive-chat.json"),
    },
    Preset {
        name: "catalogue-code-generation",
        version: 1,
        json: include_str!("../../data/presets/catalogue-code-generation.json"),
    },
    Preset {
        name: "catalogue-deep-research",
        version: 1,
        json: include_str!("../../data/presets/catalogue-deep-research.json"),
    },
    Preset {
        name: "catalogue-reasoning",
        version: 1,
        json: include_str!("../../data/presets/catalogue-reasoning.json"),
    },
    Preset {
        name: "catalogue-summarization",
        version: 1,
        json: include_str!("../../data/presets/catalogue-summarization.json"),
    },
    Preset {
        name: "catalogue-synthetic-data",
        version: 1,
        json: include_str!("../../data/presets/catalogue-synthetic-data.json"),
    },
    Preset { name: "bench-chatbot", version: 1, json: include_str!("../../data/presets/bench-chatbot.json") },
    Preset {
        name: "bench-code-completion",
        version: 1,
        json: include_str!("../../data/presets/bench-code-completion.json"),
    },
    Preset {
        name: "bench-summarization",
        version: 1,
        json: include_str!("../../data/presets/bench-summarization.json"),
    },
    Preset {
        name: "bench-shared-prefix",
        version: 1,
        json: include_str!("../../data/presets/bench-shared-prefix.json"),
    },
    Preset {
        name: "bench-optimized-baseline",
        version: 1,
        json: include_str!("../../data/presets/bench-optimized-baseline.json"),
    },
    Preset {
        name: "bench-tiered-prefix",
        version: 1,
        json: include_str!("../../data/presets/bench-tiered-prefix.json"),
    },
    Preset { name: "bench-pd", version: 1, json: include_str!("../../data/presets/bench-pd.json") },
    Preset {
        name: "bench-random-concurrent",
        version: 1,
        json: include_str!("../../data/presets/bench-random-concurrent.json"),
    },
    Preset { name: "bench-priority-mix", version: 1, json: include_str!("../../data/presets/bench-priority-mix.json") },
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
