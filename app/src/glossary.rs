//! The terms of the page, each in a sentence, with its formula and where it stands in the simulator; reachable from the
//! numbers that are called so.

use crate::dialog;
use leptos::prelude::*;

/// A term.
pub(crate) struct Term {
    /// Its name in ids.
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// What it is.
    text: &'static str,
    /// How it is computed; empty where words say it.
    formula: &'static str,
}

const fn term(id: &'static str, name: &'static str, text: &'static str, formula: &'static str) -> Term {
    Term { id, name, text, formula }
}

/// Every term, latencies first.
pub(crate) static TERMS: [Term; 25] = [
    term(
        "ttft",
        "TTFT, time to first token",
        "From a request's arrival at the router to its first token at the client: admission, choice of a server, the queue there, the prompt, the transfer of keys and values where prompts are computed apart, the first step of decoding.",
        "first token − arrival",
    ),
    term(
        "itl",
        "ITL, inter-token latency",
        "The gaps between consecutive tokens, pooled over all tokens: long requests count more often. Tools disagree: some call TPOT by this name.",
        "tokenᵢ₊₁ − tokenᵢ",
    ),
    term(
        "tpot",
        "TPOT, time per output token",
        "One number a request: its mean gap between tokens.",
        "(E2E − TTFT) / (output tokens − 1)",
    ),
    term(
        "e2e",
        "E2E, end-to-end latency",
        "From a request's arrival to its last token at the client.",
        "last token − arrival",
    ),
    term("interactivity", "Interactivity", "Tokens a second that one user sees.", "1 / TPOT"),
    term(
        "percentile",
        "p50, p90, p95, p99",
        "The value that this share of the measurements does not exceed. The rarer the percentile, the more requests it takes to know it: n stands beside it.",
        "",
    ),
    term(
        "goodput",
        "Goodput",
        "Requests that met every target of their class, as a share of those that arrived or per second. A request that misses one target misses all.",
        "requests that met TTFT ∧ ITL ∧ E2E targets / all",
    ),
    term(
        "load",
        "Offered load",
        "Requests that arrive a second, whether or not they are served. Of a closed loop: clients, each with one request at a time.",
        "",
    ),
    term(
        "capacity",
        "Nominal capacity",
        "The rate at which the fleet would be busy all the time with full batches, from the step model alone, without queueing. Loads are shown as shares of it; a fleet fails its targets before it.",
        "",
    ),
    term(
        "steady",
        "Steady",
        "The number of requests in the system does not grow beyond chance. Where it grows, latencies only say how long was simulated.",
        "",
    ),
    term(
        "kv-cache",
        "KV cache, KV block",
        "Keys and values of every token in flight, in blocks of some tokens. How many fit follows from GPU memory less weights and activations; when they run out, requests wait or are preempted.",
        "",
    ),
    term(
        "prefix-hit",
        "Prefix hits",
        "The share of prompt tokens whose keys and values were still there from an earlier prompt that began alike.",
        "tokens found / prompt tokens",
    ),
    term(
        "host-hit",
        "Host memory hits",
        "The share of prompt tokens whose keys and values the KV cache had forgotten, and that were loaded from the host's memory, where vLLM offloads them (--kv-offloading-size), instead of being computed again.",
        "tokens loaded / prompt tokens",
    ),
    term(
        "preemption",
        "Preemption",
        "A running request loses its blocks because memory is full, and is computed again later.",
        "",
    ),
    term(
        "chunked-prefill",
        "Chunked prefill, max batched tokens",
        "Prompts enter engine steps in pieces, so that decoding goes on beside them. The token budget of a step is max-num-batched-tokens: larger finishes prompts sooner and makes gaps between tokens longer.",
        "",
    ),
    term(
        "tensor-parallel",
        "TP, tensor parallelism",
        "One instance over several GPUs that share each layer: more memory and speed per step, less the time of their all-reduces.",
        "",
    ),
    term("replica", "Replica", "One vLLM instance of a pool.", "GPUs = replicas × TP"),
    term(
        "pd",
        "P/D, prefill apart from decode",
        "Prompts are computed on instances of one pool, tokens on those of another; keys and values travel between them. xPyD counts both.",
        "",
    ),
    term("decider", "P/D decider", "The plugin that says for each request whether its prompt is computed apart.", ""),
    term(
        "scorer",
        "Scorer, picker, profile",
        "A profile adds up what its scorers say of each server, by weight; its picker chooses among the best.",
        "Σ weight × score",
    ),
    term(
        "saturation",
        "Saturation",
        "How full the pool is to the router, from queues and KV use as last scraped. From 1 on requests of negative priority are shed.",
        "",
    ),
    term(
        "sheddable",
        "Sheddable, critical",
        "By the sign of the priority, as in llm-d: negative may be shed under saturation.",
        "",
    ),
    term(
        "common-random-numbers",
        "Common random numbers",
        "All sides of a comparison see the same requests at the same times, so most of what is chance cancels in their differences.",
        "",
    ),
    term(
        "interval",
        "95 % interval",
        "Where the value lies in 95 of 100 experiments like this one, from independent repetitions (Student's t). Paired: of the differences, repetition by repetition.",
        "mean ± t·s/√n",
    ),
    term(
        "sustainable",
        "Maximum sustainable rate",
        "The highest offered load at which every target holds and the fleet keeps up, found by bisection.",
        "",
    ),
];

/// The glossary of the page. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Glossary {
    pub(crate) open: RwSignal<bool>,
    /// The term that is looked up.
    at: RwSignal<Option<&'static str>>,
}

impl Glossary {
    /// Provided to everything below it on the page.
    pub(crate) fn new() -> Self {
        let glossary = Glossary { open: RwSignal::new(false), at: RwSignal::new(None) };
        provide_context(glossary);
        glossary
    }

    /// Opens it, at a term.
    pub(crate) fn show(self, term: Option<&'static str>) {
        self.at.set(term);
        self.open.set(true);
    }
}

/// Every term, in the box of the glossary.
pub(crate) fn body(glossary: Glossary) -> AnyView {
    let at = glossary.at.get_untracked();
    if at.is_some() {
        dialog::focus_later("[data-looked-up]");
    }
    let each = TERMS.iter().map(|term| {
        let here = at == Some(term.id);
        let formula = (!term.formula.is_empty()).then(|| view! { <p><code>{term.formula}</code></p> });
        view! {
            <div data-testid=format!("term-{}", term.id) data-looked-up={here.then_some("")} tabindex={here.then_some("-1")}>
                <dt>{term.name}</dt>
                <dd><p>{term.text}</p>{formula}</dd>
            </div>
        }
    });
    view! { <dl class="terms">{each.collect_view()}</dl> }.into_any()
}

/// A word that can be looked up; plain where there is no glossary, as in other people's pages.
pub(crate) fn word(id: &'static str, text: String) -> AnyView {
    match use_context::<Glossary>() {
        Some(glossary) => view! {
            <button type="button" class="term" data-testid=format!("what-is-{id}") aria-haspopup="dialog" on:click=move |_| glossary.show(Some(id))>{text}</button>
        }
        .into_any(),
        None => text.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::TERMS;

    #[test]
    fn every_term_is_there_once_and_says_something() {
        let mut ids: Vec<&str> = TERMS.iter().map(|t| t.id).collect();
        assert!(TERMS.iter().all(|t| t.text.ends_with('.') && !t.name.is_empty()));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), TERMS.len());
    }
}
