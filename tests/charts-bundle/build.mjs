// Makes public/vendor/plotly-lines-VERSION.min.js out of plotly.js from npm:
//
//   cd tests/charts-bundle && npm ci --ignore-scripts && node build.mjs
//
// As plotly.js builds its own bundles, but of entry.cjs alone: without the words that describe attributes, and without the
// style sheet of maps.

import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const { version } = createRequire(import.meta.url)("plotly.js/package.json");
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** `description: "…"` and `description: […].join(" ")`, with the comma after. */
const DESCRIPTIONS = [/\bdescription: \[[\s\S]*?\]\s*\.join\([^)]*\),?/g, /\bdescription:\s*(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")(?=\s*[,}\n]),?/g];

const withoutWords = {
  name: "without-words",
  setup({ onLoad }) {
    onLoad({ filter: /plotly\.js[\\/]src[\\/].*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      return { contents: DESCRIPTIONS.reduce((left, words) => left.replace(words, ""), text), loader: "js" };
    });
    onLoad({ filter: /maplibre-gl\.css$/ }, () => ({ contents: "", loader: "text" }));
  },
};

await build({
  entryPoints: [here("entry.cjs")],
  outfile: here(`../../public/vendor/plotly-lines-${version}.min.js`),
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "Plotly",
  // No code is made from text at run time, and none of Node is there.
  define: { global: "window", "define.amd": "false", "process.env.NODE_DEBUG": "false" },
  target: "es2020",
  plugins: [withoutWords],
  legalComments: "none",
  banner: {
    js: `/*! plotly.js v${version}, the part that draws lines. Copyright 2012-2026, Plotly, Inc. Licensed under the MIT license: https://github.com/plotly/plotly.js/blob/master/LICENSE */`,
  },
});
