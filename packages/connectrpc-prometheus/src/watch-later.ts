/** What waits for its turn. */
interface Watcher {
  watch(): void;
}

/** So many are looked at at once; more are not kept waiting. */
const batchSize = 256;

let batch: Watcher[] = [];

/**
 * Calls `watch` when all that can go on at once has gone on. One timer serves
 * all the calls of a turn of the event loop: a listener on a signal, which is
 * what waits here, costs as much as all else that is counted of a call.
 */
export function watchLater(watcher: Watcher): void {
  batch.push(watcher);
  if (batch.length === 1) {
    setTimeout(flush);
  } else if (batch.length === batchSize) {
    flush();
  }
}

function flush(): void {
  const watchers = batch;
  batch = [];
  for (const watcher of watchers) {
    watcher.watch();
  }
}
