import { runService } from "@both-ends/service";
import { revertName } from "./app.js";

await runService(revertName);
