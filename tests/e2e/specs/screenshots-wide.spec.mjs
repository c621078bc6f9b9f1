// Pictures of every part of the page, on a desk and in a frame of a document.

import { looks } from "../lib/screenshots.mjs";

looks(["desktop", "embed"]);
