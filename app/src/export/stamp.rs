//! Where a file comes from: what it shows, what made it, and the link that makes it again.

use crate::state::{Shown, Store, link};
use leptos::prelude::*;
use playground_core::MODEL_VERSION;
use playground_core::study::hardware::Standing;

/// Characters of a digest that are enough to tell results apart.
const DIGEST_SHOWN: usize = 12;

/// What a link in a text is good for.
pub(super) const AGAIN: &str = "The link simulates it again, to the same digits";

/// Of a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stamp {
    /// The scenario's title.
    pub(crate) title: String,
    /// What made it, in a line.
    pub(crate) source: String,
    /// The link that opens it again.
    pub(crate) link: String,
}

impl Stamp {
    /// Of what is on the page now.
    pub(crate) fn now(store: Store) -> Stamp {
        let (title, seed) = store.scenario.with_untracked(|s| (s.title.clone(), s.run.seed));
        let digest = store.shown.with_untracked(|s| s.as_ref().and_then(Shown::answer).map(|a| a.study_digest.clone()));
        let of = |s: &Shown| s.answer().map(|answer| Standing::of(&s.plan, &answer.report).badge());
        let standing =
            store.shown.with_untracked(|s| s.as_ref().and_then(of)).unwrap_or_else(|| "not simulated yet".into());
        let digest: String = digest.unwrap_or_default().chars().take(DIGEST_SHOWN).collect();
        let source = format!(
            "llm-d Playground (unofficial), simulator {MODEL_VERSION}, seed {seed}, result {digest}: simulated, not measured ({standing})"
        );
        Stamp { title, source, link: link::address(&store.experiment()) }
    }

    /// The end of a text about it.
    pub(crate) fn markdown(&self) -> String {
        format!("[{}]({}). {}.\n", self.source, self.link, AGAIN)
    }
}
