import { runService } from "@both-ends/service";
import { edge } from "./app.js";

await runService(edge);
