//! What is in the box in which things are brought, and what is said of them before they are taken.

use super::read::{Outcome, Part, Refusal};
use super::reader::{Reader, Stage};
use super::{Import, columns, drops, scanned};
use crate::form;
use leptos::html::Textarea;
use leptos::prelude::*;
use playground_interop::report::{Fate, Line};

/// What is in the box.
pub(super) fn body(import: Import) -> AnyView {
    let reader = Reader::new(import);
    // What nobody looks at is not read on.
    on_cleanup(move || reader.recording.end());
    let outcome = move || match reader.stage.get() {
        Stage::Waiting => ().into_any(),
        Stage::Reading => view! { <p>"Reading…"</p> }.into_any(),
        Stage::Refused(refusal) => refused(&refusal),
        Stage::Read(outcome) => found(reader, *outcome, "Apply to the scenario"),
        Stage::Scanning(done_frac) => scanned::scanning(reader, done_frac),
        Stage::Scanned(seen) => scanned::view(reader, &seen),
    };
    view! {
        <p class="muted">
            "An EndpointPickerConfig, Helm values, vLLM arguments or manifests, an inference-perf load, a model's config.json, a recording of traffic (CSV or JSONL), a scenario, a link, or a picture saved here. It is read in your browser; nothing is uploaded."
        </p>
        {bring(reader)}
        {move || reader.recording.columns.get().map(|all| columns::view(reader, all))}
        <div aria-live="polite" data-testid="import-outcome">{outcome}</div>
    }
    .into_any()
}

/// Files to choose, and room for a text.
fn bring(reader: Reader) -> AnyView {
    let place = NodeRef::<Textarea>::new();
    let paste = move |_| {
        if let Some(area) = place.get_untracked() {
            reader.take_text(area.value());
        }
    };
    view! {
        <div class="bring">
            <label class="bring-files">
                <span>"Files, in their order; or drop them anywhere on the page"</span>
                <input
                    type="file"
                    multiple
                    data-testid="import-files"
                    on:change:target=move |e| {
                        if let Some(files) = e.target().files() {
                            reader.take_files(drops::listed(&files));
                        }
                    }
                />
            </label>
            <label for="import-text">"Or a text"</label>
            <textarea
                id="import-text"
                data-testid="import-text"
                rows="6"
                spellcheck="false"
                placeholder="vllm serve Qwen/Qwen3-14B --tensor-parallel-size 2"
                node_ref=place
            ></textarea>
            <button type="button" class="quiet" data-testid="import-read" on:click=paste>"Read the text"</button>
        </div>
    }
    .into_any()
}

/// Why it cannot be taken; with the line, where there is one.
fn refused(refusal: &Refusal) -> AnyView {
    // At the end of a text there is no line to show.
    let quoted = refusal.at.clone().filter(|(_, line)| !line.trim().is_empty()).map(|(mark, line)| {
        // Under the column, as far as the line is shown.
        let before = (mark.column as usize).saturating_sub(1).min(line.chars().count());
        let arrow = format!("{}^", " ".repeat(before));
        view! { <pre class="quoted" tabindex="0" role="region" aria-label="The line">{line} "\n" <span aria-hidden="true">{arrow}</span></pre> }
    });
    let at = refusal.at.as_ref().map(|(mark, _)| format!(" at {mark}: ")).unwrap_or(" ".into());
    view! {
        <div class="problems" role="alert" data-testid="import-refused">
            <p><strong>{refusal.name.clone()}</strong> {at} {refusal.message.clone()} "."</p>
            {quoted}
            <p class="muted">"Nothing was changed."</p>
        </div>
    }
    .into_any()
}

/// What was understood, and the button that takes it, with what that does.
pub(super) fn found(reader: Reader, outcome: Outcome, verb: &'static str) -> AnyView {
    let parts = outcome.parts.iter().map(part).collect_view();
    let errors = outcome.findings.iter().map(|d| {
        let text = format!("{} {}.", form::names::of(&d.path), d.message);
        view! { <p class="finding error"><span aria-hidden="true">"✗ "</span> {text}</p> }
    });
    let errors = (!outcome.findings.is_empty()).then(|| {
        view! {
            <div data-testid="import-findings">
                <p>"As it stands it cannot be simulated; it can be mended once it is applied:"</p>
                {errors.collect_view()}
            </div>
        }
    });
    view! {
        {parts}
        {errors}
        <div class="box-foot">
            <button type="button" class="primary" data-testid="import-apply" on:click=move |_| reader.apply(outcome.clone())>{verb}</button>
            <span class="muted">"One step: undo takes it back."</span>
        </div>
    }
    .into_any()
}

/// One document: how many of its settings are simulated how, then each of them.
fn part(part: &Part) -> AnyView {
    let title = if part.name.is_empty() { "The text".to_owned() } else { part.name.clone() };
    let count = |fate: Fate| part.of(fate).count();
    let head = format!(
        "{} settings: {} exact, {} approximated, {} ignored",
        part.lines.len(),
        count(Fate::Exact),
        count(Fate::Approximated),
        count(Fate::Ignored)
    );
    let lists = [Fate::Ignored, Fate::Approximated, Fate::Exact].map(|fate| {
        let lines: Vec<AnyView> = part.of(fate).map(line).collect();
        (!lines.is_empty()).then(|| {
            view! {
                <details class="fates" open={fate != Fate::Exact} data-testid=format!("import-{}", fate.word())>
                    <summary>{title_of(fate, part.keeps)} " " <span class="muted">{lines.len()}</span></summary>
                    <ul>{lines}</ul>
                </details>
            }
        })
    });
    view! {
        <section class="import-part" data-testid="import-part">
            <h3>{title} " " <span class="muted">{part.kind}</span></h3>
            <p>{head}</p>
            {lists.into_iter().collect_view()}
        </section>
    }
    .into_any()
}

fn title_of(fate: Fate, keeps: bool) -> &'static str {
    match fate {
        Fate::Exact => "Exact",
        Fate::Approximated => "Approximated",
        Fate::Ignored if keeps => "Ignored, and kept",
        Fate::Ignored => "Ignored",
    }
}

fn line(line: &Line) -> AnyView {
    let now = line
        .replacement
        .clone()
        .map(|new| view! { <span class="muted">" (deprecated, now " <code>{new}</code> ")"</span> });
    let note = (!line.note.is_empty()).then(|| format!(": {}", line.note));
    let at = line.at.map(
        |mark| view! { <span class="at" aria-label=mark.to_string()>{format!("{}:{}", mark.line, mark.column)}</span> },
    );
    view! { <li><code>{line.setting.clone()}</code> {now} {note} {at}</li> }.into_any()
}
