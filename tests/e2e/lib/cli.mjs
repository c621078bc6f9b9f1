// The simulator without a browser, which must say what the page says.
//
// PLAYGROUND is a binary of it, as `cargo x test` has it; otherwise cargo builds one.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const CARGO = ["run", "--quiet", "--package", "playground-cli", "--"];

const [program, before] = process.env.PLAYGROUND ? [process.env.PLAYGROUND, []] : ["cargo", CARGO];

/** Why a test that needs it is skipped; false if it is there. */
export const MISSING = spawnSync(program, ["--version"]).error ? `${program} is not here` : false;

/** Runs `playground ARGUMENTS`, and resolves to what it prints. */
export function playground(args, input = "") {
  const { status, stdout, stderr } = spawnSync(program, [...before, ...args], { cwd: ROOT, input, encoding: "utf8" });
  if (status !== 0) throw new Error(`playground ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

/** The link of a scenario, with its `#`. */
export const linkOf = (scenario) => playground(["link", "-"], JSON.stringify(scenario));
/** How little is simulated where what is looked at is not its numbers. */
export const BRIEF_RUN = { requests: 300, replications: 3, load: { points: 5 } };
/** The landing scenario so; as it is, where there is no `playground`. */
export const BRIEF = MISSING ? "" : linkOf({ run: BRIEF_RUN });
/** The scenario of a link, every setting written out. */
export const scenarioOf = (link) => JSON.parse(playground(["show", link]));
/** The digest of a scenario's settled answer. */
export const digestOf = (link) => /^digest ([0-9a-f]{64})$/m.exec(playground(["run", link]))[1];
