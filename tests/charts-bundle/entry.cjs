// What of plotly.js the page draws with: lines and points, their labels and error bars, shapes and annotations. Other traces,
// other calendars, and controls inside of figures are left out: the page has its own.
//
// As plotly.js/src/core.js, without the parts that no figure here uses.
"use strict";

const { version } = require("plotly.js/src/version");
const { register } = require("plotly.js/src/registry");
const api = require("plotly.js/src/plot_api");
const Fx = require("plotly.js/src/components/fx");
const Plots = require("plotly.js/src/plots/plots");

require("plotly.js/build/plotcss");

for (const [name, fn] of Object.entries(api)) register({ moduleType: "apiMethod", name, fn });
register(require("plotly.js/src/traces/scatter"));
register([
  require("plotly.js/src/components/annotations"),
  require("plotly.js/src/components/shapes"),
  require("plotly.js/src/components/grid"),
  require("plotly.js/src/components/errorbars"),
  require("plotly.js/src/components/colorscale"),
  require("plotly.js/src/components/colorbar"),
  require("plotly.js/src/components/legend"), // after shapes
  require("plotly.js/src/components/fx"), // after the legend
  require("plotly.js/src/components/modebar"),
]);
register([require("plotly.js/src/locale-en"), require("plotly.js/src/locale-en-us")]);

module.exports = {
  ...Object.fromEntries(Object.entries(api).filter(([name]) => !name.startsWith("_"))),
  version,
  register,
  Plots: { resize: Plots.resize },
  Fx: { hover: Fx.hover, unhover: Fx.unhover },
};
