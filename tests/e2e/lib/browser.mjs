// The browser of the tests: where it is, and how it is started.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

/**
 * What every new window brings of the browser's own, and no test sees: suggestions below the address, two pages of them per
 * window, were a fifth of the CPU time of an opened page.
 */
const SUGGESTIONS = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"];
/** What Playwright switches off already: a second list replaces the first. */
const PLAYWRIGHTS = [
  "AimEnabled",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsFirstBalancedModeAutoEnable",
  "HttpsUpgrades",
  "LensOverlay",
  "MediaRouter",
  "NetworkTimeServiceQuerying",
  "OptimizationHints",
  "PaintHolding",
  "PreconnectToSearch",
  "ThirdPartyStoragePartitioning",
];

const FLAGS = [
  `--disable-features=${[...PLAYWRIGHTS, ...SUGGESTIONS].join(",")}`,
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  // The tests need no host but their own server: no updates, no sync, no variations.
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The browser's path: CHROMIUM, or the first known name on PATH, or where macOS keeps it. */
export function browserPath() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const candidates = [
    ...(process.env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ];
  const found = candidates.find((path) => existsSync(path));
  if (!found) throw new Error("no Chromium found: install it, or set CHROMIUM to its path");
  return found;
}

/** Starts a browser of its own, with the flags in CHROMIUM_FLAGS besides. Tests that need nothing special share the one of `withPage`. */
export function launch(options = {}) {
  return chromium.launch({
    executablePath: browserPath(),
    // Most containers do not allow it, Chromium refuses it to root, and only our own page is opened.
    chromiumSandbox: false,
    args: [...FLAGS, ...(process.env.CHROMIUM_FLAGS ?? "").split(" ").filter(Boolean), ...(options.args ?? [])],
  });
}
