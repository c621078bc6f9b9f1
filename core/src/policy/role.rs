//! What an instance does, as llm-d's label `llm-d.ai/role` says.

/// A role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// It computes prompts for others.
    Prefill,
    /// It decodes, and computes the prompts that nobody else has computed.
    Decode,
    /// Either.
    #[default]
    Both,
}

impl Role {
    /// Values of the label that are simulated.
    pub const LABELS: [&str; 4] = ["both", "prefill", "decode", "prefill-decode"];

    /// What a label says; none for one that is not simulated.
    #[must_use]
    pub fn read(label: &str) -> Option<Role> {
        match label {
            "both" | "prefill-decode" => Some(Role::Both),
            "prefill" => Some(Role::Prefill),
            "decode" => Some(Role::Decode),
            _ => None,
        }
    }

    /// The label that says it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Role::Both => "both",
            Role::Prefill => "prefill",
            Role::Decode => "decode",
        }
    }

    /// Whether llm-d's `prefill-filter` keeps it.
    #[must_use]
    pub fn prefills(self) -> bool {
        self != Role::Decode
    }

    /// Whether llm-d's `decode-filter` keeps it.
    #[must_use]
    pub fn decodes(self) -> bool {
        self != Role::Prefill
    }
}
