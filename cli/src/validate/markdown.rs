//! The report as a document: errors and aggregates, no measured value.

use super::coverage::Coverage;
use super::report::{Column, Report, Table};
use super::text::{interval, percent, share, signed, worst};

/// What is known of causes, by set: why errors are what they are.
const CAUSES: [(&str, &str); 8] = [
    (
        "blis",
        "Nearly every prompt is found in the prefix cache, so these runs say little of prefill. TTFT p99 of the first \
stage holds start-up spikes of the measured servers that repeat runs do not share. A run has a hundred prompts, sent in turn, \
whatever number its table names: in every recording the lengths come again after a hundred requests. Llama-2-7B's small KV pool \
therefore evicts prompts that are then computed again. Samplers sort where the model's generation defaults name a top-p or top-k, \
which those of CodeLlama and Mixtral do not. Qwen2.5-7B's defaults alone ask for a penalty on repetition, which is not simulated. Runs with `max_num_batched_tokens` 1024 (experiment 22) were slower \
than their siblings for no modelled cause. Near the sequence limit (Llama-2-70B general, 112 of 128) mean TTFT is on a knife \
edge: 5 % in a step move it several times that. Llama-4-Scout has one routed expert a token in fp8, which no other group does: its \
steps come out a fifth too long where batches are larger than some 20.",
    ),
    (
        "training",
        "Which prompt a request sent follows from its number. Clients give up after 300 s, \
here too. In overload that decides what is served: once the queue is longer than 300 s less the time of one request, whoever leaves it is \
given up before the end, and all that follow. Llama-2-70B comes out 9 % too fast, which puts that moment behind the end of the \
run instead of two thirds into it, and half as many again are served. Its batch is full from the first minute on, and yet its time per \
token grows by 12 % until the thirteenth: in the first minute it is as simulated. Nothing in the record grows with it but the queue and the \
age of the run, and no other run says which of the two it is, so no term was made for it. Latencies of those that succeed are comparable.",
    ),
    (
        "residency",
        "The saturated loads are a closed loop of 256; there the step is 4 % fast, which is host time of a large \
batch that the step model does not have. Below saturation TTFT comes out a few milliseconds too long in every run: times of API servers \
are one set for all hosts, and closed loops of InferenceX, whose TTFT comes out too short, ask for more of it than these runs. A front end \
of its own for each GPU was tried: it differs by 0.4 ms (H200) to 2 ms (B300) from that of the H100, and moves neither set.",
    ),
    (
        "inferencex",
        "Engine releases differ. Flags are not recorded; those of InferenceX's published scripts are taken, release by release \
(`interop/src/measured/recipes.rs`): how large a step still is a CUDA graph, the token budget, whether steps are planned ahead, in what the \
cache is held. With them and the same constants, the median error at prompts of a thousand tokens falls from 14 to 7 % where scripts set more than a cache. From vLLM 0.19 on, MiniMax-M2.5 and Kimi-K2.5 on Blackwell \
have a budget of two prompts a step, so that the first wave goes in small steps: without it, MiniMax's mean TTFT at 512 in flight came out \
at 0.6 of the measured one, with it at 0.9. The same scripts raise CUDA graphs to 2048 tokens, as those of gpt-oss do; where they do not, \
the host launches every kernel of a step of a thousand tokens by itself, and \
MiniMax under 0.17 and a nightly build on B200 and under 0.18 on eight H200, and Kimi-K2.5 under 0.17 on B200, wait 25 to 90 ms longer \
than on graphs, at any load, and no longer with eight thousand tokens, where the GPU takes as long as the host. One constant for all layers \
says how long that takes, and is too short for these. The constants of this release were fitted before flags were read from scripts. \
Lengths are recorded only by their nominal mean: they are drawn \
uniformly between 0.8 and 1 of it, as the scripts ask. The first wave waits 0.1 s beyond what is simulated. \
How far runs repeat: of 166 with another of the same model, GPUs, format, lengths, load and release that is no copy of it, the median \
TTFT differs by 4.2 % from that of the others, nine of ten by less than 15 % (TPOT 1.3 and 8.6 %); where the other may be of another release, \
nine of ten by less than 32 % (15 %). That much nobody can foresee who knows what is recorded. \
Llama-3.1-70B on eight B200 shows 20 to 80 ms more than simulated in no order of load; its scripts compute prompts without graphs at all. \
Five runs of gpt-oss on H100 at 512 in flight have seconds or minutes of TTFT \
beside times per output token of a small batch; in one, places over time per token are 91,000 tokens/s on two GPUs, several times what they can read \
their weights for: what was in flight there is not what is recorded. Releases before 0.18 took longer for experts with a scale per block, by the same time per layer from four to sixty-four in flight; \
prompts of eight thousand tokens, too, took a third to a half longer under 0.17 on B200 than under 0.19, which is not simulated. \
Runs of vLLM 0.12 (Qwen3-32B, Qwen3-235B, Llama-3.1-8B in FP8) come from AIPerf, which leaves sampling to the server; their lengths and \
number of requests are not recorded: with equal lengths the first wave stays together and TTFTs are twice those measured, with 0.8 to 1 \
a third too short, so 0.9 to 1 are drawn. Llama-3.1-8B took less time than its prompts can be computed in: its prompts were found in the cache.",
    ),
    (
        "llmservingsim",
        "RTX 4090 efficiencies are borrowed from the L40S, and too low; the RTX PRO 6000 is simulated too fast. A queue \
builds up in both runs, so that errors of the step add up.",
    ),
    (
        "kubecon",
        "vLLM 0.11, with its first engine and with speculative decoding among the configurations; neither is \
simulated, and those configurations make the worst rows. vLLM before 0.14 does not plan a step while the one before executes, so the \
GPU waits for the host in each, and its API server takes longer: two constants, fitted to the other two configurations.",
    ),
    ("guidellm", "40 requests a run."),
    (
        "routing",
        "Each policy is simulated with the plugins of its time: the approximate index remembers a fixed number of blocks, \
looks at the first four thousand tokens of a prompt and learns nothing of evictions, the precise one follows the engines. Prompts are sent in turn, in a shuffled order, as \
inference-perf does: a cache that is smaller than all of them then finds fewer than it would of draws at random. With the approximate index \
the cache weighed as much as each of the two scorers of load, with the precise one half as much again: the charts' weights at \
the time, which were made alike after these ladders. Load therefore draws requests away from their prompts where the approximate \
index is used. With weights alike the two indexes come out within 4 % of each other, whatever the size of their blocks. Load-aware routing waits too long at 4 and 5 requests/s, where \
fleets are at their knee and a prompt more or less in a cache decides.",
    ),
];

const HEAD: &str = "# Validation

Generated by `playground validate --data DIR --blis-runs DIR --markdown docs/validation.md`; do not edit. Measurements are published by \
others, without a licence to republish them, so only errors and aggregates of errors are here.

How to read it: an error is simulated over measured, less one. *Median* and *mean* are of absolute errors, each with a 90 % \
interval from drawing whole models on GPUs again (experiments, where a set has fewer than four); *bias* is the median signed \
error. n counts experiments; where a table is by stage, rows follow in brackets.

Three ways to find the constants of the step model and the front end: *in-sample*, the constants of this release, fitted to \
these measurements; *left out*, each model on a GPU simulated with constants fitted to all the others; *zero-shot*, constants from \
kernels timed alone and facts of the software. Kernel efficiencies are the same in all three. `playground fit` finds the first on the \
simulator itself, by Gauss-Newton against a penalty for leaving the zero-shot values. A full fit for each group would take hours, so \
a left-out fit is one penalised step from the first, with slopes taken once, by finite differences on the simulator, and solved \
again without the group's rows; the group is then simulated with what came out. Sets that were not fitted to keep the release's constants \
for models on GPUs that were not either. Bars are held by *left out*. Not a part of this: which terms the model has, and \
how loads are read, were decided with all of these measurements in sight.
";

/// The report as markdown.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut text = format!(
        "{HEAD}\nModel version {}, {} models on GPUs left out in turn.\n\n## Bars\n\n| median error of | at most | left out | in-sample | zero-shot | n | |\n|---|---|---|---|---|---|---|\n",
        report.model_version, report.folds
    );
    for bar in &report.bars {
        let verdict = match bar.holds() {
            Some(true) => "holds",
            Some(false) => "**missed**",
            None => "not measured",
        };
        let bound = if bar.share { format!("at least {}", percent(bar.bar)) } else { percent(bar.bar) };
        let [found, fitted, kernels] = [bar.found, bar.in_sample, bar.zero_shot].map(share);
        text += &format!("| {} | {bound} | {found} | {fitted} | {kernels} | {} | {verdict} |\n", bar.name, bar.n);
    }
    let mut last = "";
    for table in &report.tables {
        if table.set != last {
            text += &format!("\n## {}\n", table.set);
            if let Some((_, cause)) = CAUSES.iter().find(|(name, _)| *name == table.name) {
                text += &format!("\n{cause}\n");
            }
            last = table.set;
        }
        text += &set_table(table);
        if !table.stages && !table.overload {
            text += &groups(report, table.set);
        }
    }
    text += &duels(report);
    text += &rankings(report);
    text += &again(report);
    text += &steps(report);
    text += &bands(report);
    text + &approximations(report)
}

/// The errors of one table.
pub(super) fn set_table(table: &Table) -> String {
    let what = match (table.stages, table.overload) {
        (true, _) => "By stage",
        (_, true) => "Overload: clients give up",
        _ => "Whole runs",
    };
    let mut text = format!(
        "\n{what}:\n\n| column | n | median | 90 % interval | mean | 90 % interval | bias | left out | zero-shot |\n|---|---|---|---|---|---|---|---|---|\n"
    );
    for Column { name, errors: e, left_out, zero_shot } in &table.columns {
        let n =
            if e.rows == e.experiments { e.experiments.to_string() } else { format!("{} ({})", e.experiments, e.rows) };
        text += &format!(
            "| {name} | {n} | {} | {} | {} | {} | {} | {} | {} |\n",
            percent(e.median),
            interval(e.median_interval),
            percent(e.mean),
            interval(e.mean_interval),
            signed(e.bias),
            share(*left_out),
            share(*zero_shot)
        );
    }
    text + &format!("\nWorst by {}.\n", worst(table))
}

fn groups(report: &Report, set: &str) -> String {
    let here: Vec<_> = report.groups.iter().filter(|g| g.set == set).collect();
    let Some(first) = here.first() else { return String::new() };
    let heads: String = first.columns.iter().map(|c| format!(" {} | bias | left out |", c.name)).collect();
    let mut text = format!("\nMedians by model and GPU:\n\n| model on GPU | n |{heads}\n|---|---|");
    text += &"---|---|---|".repeat(first.columns.len());
    text += "\n";
    for g in here {
        let cell =
            |c: &Column| format!(" {} | {} | {} |", percent(c.errors.median), signed(c.errors.bias), share(c.left_out));
        let cells: String = g.columns.iter().map(cell).collect();
        text += &format!("| {} | {} |{cells}\n", g.group, g.columns.first().map_or(0, |c| c.errors.rows));
    }
    text
}

fn duels(report: &Report) -> String {
    if report.duels.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\n## Other simulators on the same rows\n\nTheir published predictions, whole runs. A win is a row on which our \
error is the smaller one. Corrected ITL is used for all.\n\n| simulator | column | rows | theirs, median | ours, median | wins |\n|---|---|---|---|---|---|\n",
    );
    for d in &report.duels {
        text += &format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            d.simulator,
            d.column,
            d.rows,
            percent(d.theirs),
            percent(d.ours),
            d.wins
        );
    }
    text
}

fn rankings(report: &Report) -> String {
    if report.rankings.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\n## Order of routing policies\n\nPairs of policies at one rate that differ by more than 10 % in the measurement, and \
how many of them come in the same order here. Policies that are simulated as one are ties, which count as wrong in the first \
share and are left out of the second.\n\n| comparison | by | in order | simulated apart | in order |\n|---|---|---|---|---|\n",
    );
    for r in &report.rankings {
        text += &format!(
            "| {} | {} | {} of {} | {} | {} |\n",
            r.comparison, r.column, r.ordered, r.pairs, r.distinct_pairs, r.distinct_ordered
        );
    }
    text
}

/// Why BLIS and this simulator part.
const APART: &str = "Runs of another simulator (of August 2026, with its default step model), each with the trace that it recorded; \
they are simulations, so what differs is an error of neither. A cell is ours over theirs, less one. Round robin chooses the same instance \
for every request in both. What differs has two causes. That step model gives prompts 0.15 of the time that \
their products take at the data sheet's peak, by one coefficient for all models and GPUs; here no product is faster than the peak. So \
TTFT is longer here wherever prompts are computed, and so is what decodes beside them: the more, the larger the share of the peak that \
prompts alone would take (*prompts*). On the A100, and in a pool of one for three, they leave too little: queues grow here, and not there. \
Where most of a prompt is found in a cache (shared prefixes), steps are those of decoding, which last a sixth less here; against measured \
servers its gaps between tokens err by 7 %, as above. By load or cache, who is chosen depends on how long others take, so choices part with \
the first latency that differs.";

fn again(report: &Report) -> String {
    let Some(first) = report.again.first() else { return String::new() };
    let heads: String = first.differences.iter().map(|(name, _)| format!(" {name} |")).collect();
    let mut text = format!(
        "\n## Runs of BLIS, sent again\n\n{APART}\n\n| run | requests | prompts | same instance |{heads}\n|---|---|---|---|{}\n",
        "---|".repeat(first.differences.len())
    );
    for run in &report.again {
        let alike = run.placed_alike.map_or_else(|| "—".into(), |n| percent(f64::from(n) / f64::from(run.requests)));
        let cells: String =
            run.differences.iter().map(|(_, difference)| format!(" {} |", signed(*difference))).collect();
        let prompts = share(run.prompts_of_peak);
        text += &format!("| {} | {} | {prompts} | {alike} |{cells}\n", run.what, run.requests);
    }
    text
}

fn steps(report: &Report) -> String {
    if report.steps.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\n## Single engine steps\n\nDurations of recorded vLLM steps by the composition of their batches.\n\n| engine | sequences | tokens of prompts | n | median | 90 % of errors below | bias |\n|---|---|---|---|---|---|---|\n",
    );
    for s in &report.steps {
        text += &format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            s.engine,
            s.running,
            s.prompt_tokens,
            s.steps,
            percent(s.median),
            percent(s.p90),
            signed(s.bias)
        );
    }
    text
}

/// What error bands are, before their table.
const BANDS: &str = "\n## Error bands\n\n`core/data/model_errors.csv` holds 90 % bands of measured over predicted, by metric, by \
whether the run is simulated as it was run on a GPU with measured kernels, by whether anything of the model's family was fitted to, by load \
and by how much of prompts is computed. Those of families that were *seen* are made of errors of fits that leave a model on a GPU out, those of *new* \
ones of fits that leave its whole family out. A band reaches as far up as down, so far that it holds nine of ten rows, and nine of ten where \
models on GPUs weigh the same (with fewer than twelve rows, less). That it reaches as far up as down was chosen by the interval score of \
what was left out, over all regimes as they were then (1.71, against 1.83 with an end of its own either way). Regimes are divided in the order above, and only where every part has \
twelve rows and is of four models on GPUs, or families, whoever is left out; *any* says where they are not. Fleets of several engines are \
regimes of their own, of two fleets, under the loads and of the prompts that these had; elsewhere the bands of one engine speak for a fleet, and \
the page says so. Runs of another engine, or of one with something on that is not simulated, do not count, as in the fit.\n\n\
Here what was left out is left out of its own bands: a measurement is in both kinds of fits, and neither of its errors is seen. *Within* is \
the share that lies in such bands, with its exact 95 % interval, which 90 % should lie in. Rows of a run err alike, so that an interval by \
rows is too narrow, and runs of a model on a GPU do, too: the table has it by rows, by experiments (repeats and stages of one are one \
observation, of which the share of its rows within counts: the unit in which these bands are to be judged), and by as many groups as would weigh \
the same if they were of one size. Of few groups, such an interval contains nearly anything: that it holds says little. *Half-width* is half a band over its prediction, *narrowest* \
half the narrowest span that holds nine of ten of the same rows when it may see them all. No one band of a regime can be within three median errors where the \
narrowest is not: errors within a regime are of several sizes. What a simulation knows of itself does not tell them apart: with widths that \
follow its queue, batch, KV cache, lengths, latencies and concurrency, learnt from all others, the interval score of what was left out was no better for single engines (1.28 \
against 1.24, mean of the six metrics), and fewer rows lay within (86 against 88 %).";

fn bands(report: &Report) -> String {
    let [whole, regimes @ ..] = &report.coverage[..] else { return String::new() };
    let off = |unit: usize| regimes.iter().filter(|c| !c.holds()[unit]).count();
    let narrow = |which: usize| regimes.iter().filter(|c| c.is_narrow()[which]).count();
    let mut text = String::from(BANDS);
    text += &format!(
        "\n\nOf {} regimes, {} are off by experiments, {} by rows and {} by effective groups. Half-widths are within three median errors in {}; \
any one band's could be in {}.\n\n\
| regime | rows | within | 95 % interval | | experiments | within | 95 % interval | | groups | effective | 95 % interval | | half-width | narrowest | median error |\n\
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        regimes.len(),
        off(1),
        off(0),
        off(2),
        narrow(0),
        narrow(1),
    );
    text += &row(whole);
    text.extend(regimes.iter().map(row));
    text
}

fn row(c: &Coverage) -> String {
    let [by_rows, by_experiments, by_groups] = [0, 1, 2].map(|unit| {
        let verdict = if c.holds()[unit] { "holds" } else { "**off**" };
        format!("{} | {verdict}", interval(Some(c.intervals[unit])))
    });
    format!(
        "| {} | {} | {} | {by_rows} | {} | {} | {by_experiments} | {} | {:.1} | {by_groups} | {} | {} | {} |\n",
        c.regime,
        c.rows,
        percent(f64::from(c.within) / f64::from(c.rows)),
        c.experiments,
        percent(c.experiments_within),
        c.groups,
        c.groups_effective,
        percent(c.half_width),
        percent(c.narrowest),
        percent(c.error)
    )
}

fn approximations(report: &Report) -> String {
    let mut text = String::new();
    if !report.approximations.is_empty() {
        text += "\n## Simulated otherwise than it was run\n\n| experiments | what |\n|---|---|\n";
        for (note, n) in &report.approximations {
            text += &format!("| {n} | {note} |\n");
        }
    }
    if !report.problems.is_empty() {
        text +=
            &format!("\n{} records could not be read or simulated; the command lists them.\n", report.problems.len());
    }
    text
}
