// Pictures of every part of the page, dark.

import { looks } from "../lib/screenshots.mjs";

looks("dark");
