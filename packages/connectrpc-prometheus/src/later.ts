/** So many calls are looked at at once; more are not kept waiting. */
const batchSize = 256;

let batch: (() => void)[] = [];

/**
 * Calls back when all that can go on at once has gone on. One timer serves all
 * the calls of a turn of the event loop: a listener on a signal, which is what
 * waits here, costs as much as all else that is counted of a call.
 */
export function later(callback: () => void): void {
  batch.push(callback);
  if (batch.length === 1) {
    setTimeout(flush);
  } else if (batch.length === batchSize) {
    flush();
  }
}

function flush(): void {
  const callbacks = batch;
  batch = [];
  for (const callback of callbacks) {
    callback();
  }
}
