// Pictures of every part of the page, in a small window and on a telephone.

import { looks } from "../lib/screenshots.mjs";

looks(["frame", "phone"]);
