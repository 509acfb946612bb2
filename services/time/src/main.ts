import { runService } from "@both-ends/service";
import { time } from "./app.js";

await runService(time);
