//! vLLM's settings; empty means vLLM's own default, which the placeholder shows.

use crate::form::{Choice, Number, Select};
use crate::say;
use crate::state::{Store, catalogue};
use leptos::prelude::*;
use playground_core::scenario::PoolPlan;
use serde_json::Value;

pub(super) fn view(store: Store, i: usize) -> AnyView {
    let at = move |field: &str| format!("topology.pools[{i}].engine.{field}");
    let default = move |of: fn(&PoolPlan) -> String| {
        Signal::derive(move || {
            store.plan.with(|p| p.as_ref().and_then(|p| p.pools().get(i)).map(of)).unwrap_or_default()
        })
    };
    let version = store.value(&at("version"));
    let prefix = at("");
    let details = NodeRef::<leptos::html::Details>::new();
    Effect::new(move |_| {
        // Trouble inside opens it; it is never closed under somebody's hands.
        let troubled = store.findings.with(|all| all.iter().any(|d| d.path.starts_with(&prefix)));
        if let Some(details) = details.get().filter(|_| troubled) {
            // The attribute is a known one, which is all that could fail.
            let _ = details.set_attribute("open", "");
        }
    });
    let utilisation = store.value(&at("gpu_memory_utilization"));
    // The plan does not keep the default utilisation, so the catalogue is asked.
    let utilisation_default = Signal::derive(move || {
        let version = version.get();
        let row = version.as_str().and_then(|v| catalogue().engine_version(v).cloned());
        row.filter(|_| utilisation.get().is_null()).map_or_else(String::new, |v| v.gpu_memory_utilization.to_string())
    });
    view! {
        <details class="more" node_ref=details>
            <summary>"vLLM settings " <span class="muted">{move || version.get().as_str().unwrap_or_default().to_owned()}</span></summary>
            {Number::new(at("max_num_batched_tokens"))
                .unit("tokens")
                .within(1.0, 131_072.0)
                .step("256")
                .or_default(default(|p| say_plain(p.engine.max_num_batched_tokens)))
                .help("Token budget of one engine step, prompts and decodes together. Empty: vLLM's default.")
                .view(store)}
            {Number::new(at("max_num_seqs"))
                .unit("sequences")
                .within(1.0, 16_384.0)
                .step("16")
                .or_default(default(|p| say_plain(p.engine.max_num_seqs)))
                .help("Most sequences in one step. Empty: vLLM's default.")
                .view(store)}
            {Select::new(at("quantization"), quantizations())
                .other("as given")
                .help("Numbers that weights are held in (vLLM's --quantization).")
                .view(store)}
            {Select::new(at("kv_cache_dtype"), kv_cache_dtypes())
                .other("as given")
                .help("Numbers that keys and values are held in (vLLM's --kv-cache-dtype).")
                .view(store)}
            {Number::new(at("gpu_memory_utilization"))
                .within(0.05, 1.0)
                .step("0.01")
                .or_default(utilisation_default)
                .help("Share of GPU memory the engine may use. Empty: vLLM's default.")
                .view(store)}
            {Number::new(at("max_model_len"))
                .unit("tokens")
                .within(2.0, 16_777_216.0)
                .step("1024")
                .or_default(default(|p| say_plain(p.engine.max_model_len)))
                .help("Longest sequence, prompt and output together (vLLM's --max-model-len). Empty: what the model allows and the KV cache holds.")
                .view(store)}
            <div class="row two">
                {Number::new(at("block_size"))
                    .unit("tokens")
                    .within(1.0, 4096.0)
                    .step("16")
                    .or_default(default(|p| say_plain(p.engine.block_size)))
                    .help("Tokens of one KV block (vLLM's --block-size). Empty: vLLM's default.")
                    .view(store)}
                {Number::new(at("num_gpu_blocks_override"))
                    .within(1.0, 100_000_000.0)
                    .step("100")
                    .or_default(default(|p| say_plain(p.engine.kv_blocks)))
                    .help("KV blocks of one replica: the number that your server logs when it starts. Empty: what memory sizing gives.")
                    .view(store)}
            </div>
            {Number::new(at("kv_offloading_size"))
                .unit("GiB")
                .within(0.0, 100_000.0)
                .step("8")
                .or_default(Signal::derive(|| "0".to_owned()))
                .help("Host memory of one replica, over all its GPUs, that keeps keys and values of prompts when the KV cache forgets them (vLLM's --kv-offloading-size). Empty: none.")
                .view(store)}
            {Select::new(at("sampling"), samplings())
                .help("How tokens are sampled: top-p sorts the vocabulary at every step, as most chat models' generation defaults ask; greedy does not.")
                .view(store)}
            {switch(at("enable_prefix_caching"))
                .help("Whether prompts that begin alike share what was computed (vLLM's --enable-prefix-caching).")
                .view(store)}
            {switch(at("async_scheduling"))
                .help("Whether the next step is prepared while this one runs (vLLM's --async-scheduling).")
                .view(store)}
        </details>
    }
    .into_any()
}

fn quantizations() -> Vec<Choice> {
    let all = &catalogue().quantizations;
    let checkpoint = Choice::new(Value::Null, "as published");
    let said = all.iter().map(|q| Choice::new(q.method.clone(), format!("{} · {}", q.method, q.title)));
    core::iter::once(checkpoint).chain(said).collect()
}

fn samplings() -> Vec<Choice> {
    [("top-p", "top-p"), ("greedy", "greedy")].map(|(id, label)| Choice::new(id, label)).into()
}

fn kv_cache_dtypes() -> Vec<Choice> {
    let fp8 = Choice::new("fp8", "fp8: half the size");
    [Choice::new(Value::Null, "vLLM's default (bf16)"), fp8].into()
}

/// On, off, or as vLLM has it.
fn switch(path: String) -> Select {
    let choices = [(Value::Null, "vLLM's default"), (Value::Bool(true), "on"), (Value::Bool(false), "off")];
    Select::new(path, choices.map(|(value, label)| Choice::new(value, label)).into())
}

fn say_plain(n: u32) -> String {
    say::count(u64::from(n))
}
