import { type Db, type MongoClient, ObjectId } from "mongodb";

const services = ["time", "revert-name", "edge"];
// Each of them keeps 2,000 runs at most.
const jobs = [
  "send-heartbeat",
  "prune-heartbeats",
  "prune-job-runs",
  "prune-admin",
  "a-job-of-the-past",
];

/**
 * Fills the database of a running system as it is after days: so many beats,
 * runs on edge, changes and users.
 */
export async function fillDatabase(
  mongo: MongoClient,
  rows: number,
): Promise<void> {
  const now = Date.now() - 60_000;
  const at = (index: number) => new Date(now - index * 10_000);
  const edge = mongo.db("edge");
  const console = mongo.db("console");
  await insert(edge, "heartbeat_history", rows, (index) => ({
    _id: new ObjectId(),
    service: services[index % services.length],
    instance_id: "workstation:4242",
    interval_ms: 10_000,
    time: at(index),
  }));
  await insert(edge, "job_runs", rows, (index) => {
    const job = jobs[index % jobs.length];
    return {
      _id: `${job}@${at(index).toISOString()}`,
      job,
      started_at: at(index),
      outcome: index % 100 === 7 ? "failure" : "success",
      end: JSON.stringify({
        worker: "workstation:4242",
        ended_at: at(index).getTime() + 5,
        result: `stored at ${at(index).toISOString()}`,
      }),
    };
  });
  await insert(console, "audit", rows, (index) => ({
    _id: new ObjectId(),
    at: at(index),
    user: "admin",
    service: services[index % services.length],
    method: "JobService/EditJob",
    target: "job:send-heartbeat",
    details: JSON.stringify({
      address: "127.0.0.1",
      request_id: "0193-4d2e-7f21",
      before: { schedule: { every: "10 seconds" }, revision: index },
      after: { schedule: { every: "20 seconds" }, revision: index + 1 },
      outcome: "done",
      revision: index + 1,
    }),
  }));
  await insert(console, "users", rows, (index) => ({
    _id: `somebody-${index}`,
    role: "viewer",
    password: "no password has this hash",
    password_changed_at: at(index),
    created_at: at(index),
  }));
}

async function insert(
  db: Db,
  name: string,
  rows: number,
  make: (index: number) => object,
): Promise<void> {
  for (let start = 0; start < rows; start += 1_000) {
    const length = Math.min(1_000, rows - start);
    const part = Array.from({ length }, (_, index) => make(start + index));
    await db.collection(name).insertMany(part);
  }
}
