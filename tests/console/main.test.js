// One service for all of it; each test has a workspace of its own in it.

import { after, before } from "node:test";

import { start, stop } from "./service.js";

before(start);
after(stop);

await import("./signing_in.js");
await import("./guide.js");
await import("./connections.js");
await import("./models.js");
await import("./conversations.js");
await import("./keys.js");
await import("./access.js");
