//! A directory of a few rows made up here: what can be read is compared and predicted, what cannot is said, row by row.

use playground_cli::validate::predict::table;
use playground_cli::validate::{Study, study};
use playground_interop::measured::Set;
use std::fs;
use std::path::PathBuf;

/// A directory that goes when the test is over.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("playground-validation-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("blis")).expect("a directory for the test");
        let names = "kind,name_in_data,catalogue_id,note\nmodel,Q14,qwen3-14b,\ngpu,H,h100-sxm,\n";
        fs::write(path.join("aliases.csv"), names).expect("written");
        Directory(path)
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.0.join(file), text).expect("written");
    }

    fn study(&self, stand_ins: bool) -> Study {
        study(&self.0, &Set::ALL, stand_ins, 2)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const HEAD: &str = "exp,model,gpu,tp,engine,kv_blocks_gpu,block_size,max_num_seqs,max_num_batched_tokens,max_model_len,\
offered_rate_rps,n,input_tokens_mean,output_tokens_mean";
const FILE: &str = "blis/residency_qwen3_14b_aggregates.csv";

fn row(name: &str, model: &str, rate: &str) -> String {
    format!("{name},{model},H,1,vLLM 0.23.0,18038,16,256,8192,40960,{rate},40,500,20")
}

/// Problems of one file, in words.
fn said(study: &Study, file: &str) -> Vec<String> {
    study.problems.iter().filter(|p| p.file == file).map(ToString::to_string).collect()
}

#[test]
fn rows_that_can_be_read_are_compared() {
    let dir = Directory::new("compared");
    let rows = [row("a", "Q14", "2") + ",60", row("b", "unheard-of", "2") + ",60", row("c", "Q14", "fast") + ",60"];
    dir.write(FILE, &format!("{HEAD},ttft_p50_ms\n{}\n", rows.join("\n")));
    let study = dir.study(false);
    let points = study.points();
    assert_eq!(points.len(), 1);
    assert!(points[0].predicted > 10.0 && points[0].predicted < 1000.0, "{:?}", points[0]);
    let said = said(&study, FILE);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("data row 1") && said[0].contains("unheard-of"), "{}", said[0]);
    assert!(said[1].contains("data row 2") && said[1].contains("fast"), "{}", said[1]);
    // Each of the other files is missing, and said to be.
    assert!(study.problems.iter().any(|p| p.file == "clusters/llmd_routing_ladders.csv" && p.row.is_none()));
}

#[test]
fn without_observations_every_cell_is_predicted_within_its_band() {
    let dir = Directory::new("predicted");
    dir.write(FILE, &format!("{HEAD}\n{}\n", row("a", "Q14", "2")));
    let study = dir.study(true);
    assert!(study.points().is_empty());
    let (csv, missing) = table(&study);
    assert_eq!(missing, 0);
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("file,row,metric,value,lower,upper"));
    let mut metrics = 0;
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[..2], [FILE, "0"], "{line}");
        let [value, lower, upper] = [3, 4, 5].map(|i| cells[i].parse::<f64>().expect("a number"));
        assert!(lower <= value && value <= upper, "{line}");
        metrics += 1;
    }
    assert_eq!(metrics, 21);
}

#[test]
fn damaged_files_are_reported_and_do_not_stop_the_others() {
    let dir = Directory::new("damaged");
    fs::create_dir_all(dir.0.join("other")).expect("a directory for the test");
    dir.write(FILE, &format!("{HEAD}\n{}\n", row("a", "Q14", "2")));
    dir.write("blis/blis_experiments.csv", "set,exp_id\nval\n");
    dir.write("blis/training16_aggregates.csv", "");
    dir.write("other/inferencex_silicon.csv.gz", "this is not gzip");
    dir.write("other/llmservingsim_bench.csv", "exp,model\n\"open");
    let study = dir.study(true);
    assert_eq!(study.runs.len(), 1);
    for file in [
        "blis/blis_experiments.csv",
        "blis/training16_aggregates.csv",
        "other/inferencex_silicon.csv.gz",
        "other/llmservingsim_bench.csv",
    ] {
        assert_eq!(said(&study, file).len(), 1, "{file}");
    }
}
