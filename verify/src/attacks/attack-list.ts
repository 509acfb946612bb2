import type { Attack } from "./attack.js";
import { compressionBombs } from "./compression-bombs.js";
import { continuationFlood } from "./continuation-flood.js";
import {
  emptyDataFlood,
  pingFlood,
  settingsFlood,
  unknownFrameFlood,
} from "./frame-floods.js";
import { garbagePrefaces } from "./garbage-prefaces.js";
import { hpackBombs } from "./hpack-bombs.js";
import { idleConnections } from "./idle-connections.js";
import { oversizePrefixes } from "./oversize-prefixes.js";
import { rapidReset } from "./rapid-reset.js";
import { requestSmuggling } from "./request-smuggling.js";
import { silentConnections } from "./silent-connections.js";
import { slowBodies } from "./slow-bodies.js";
import { slowHeaders } from "./slow-headers.js";
import { slowPrefaces } from "./slow-prefaces.js";

/** All attacks. */
export const attacks: readonly Attack[] = [
  garbagePrefaces,
  slowPrefaces,
  slowHeaders,
  slowBodies,
  silentConnections,
  idleConnections,
  rapidReset,
  continuationFlood,
  settingsFlood,
  pingFlood,
  emptyDataFlood,
  unknownFrameFlood,
  hpackBombs,
  compressionBombs,
  oversizePrefixes,
  requestSmuggling,
];
