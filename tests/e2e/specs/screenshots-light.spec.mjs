// Pictures of every part of the page, light.

import { looks } from "../lib/screenshots.mjs";

looks("light");
