/** Gives back the memory of bytes that were received and read: the collector does not see their weight. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes received between two collections. */
const EVERY = 1024 * 1024;
/** A heap that is worth a collection of all of it: what a scan of a common image leaves is less. */
const BIG_HEAP = 48 * 1024 * 1024;

export interface GarbageCollector {
  /** Told of more bytes that were received or unpacked, it collects the young generation now and then. */
  received(bytes: number): void;
  /** Collects everything if the heap is big: what is left of a scan is of no use while its detections are put together. */
  collectAll(): void;
}

/**
 * The collector of this thread. Each piece of a body is a
 * small object with 64 KiB outside the heap: hundreds of them wait for a collection that the heap alone has no reason
 * for. A collection takes a fraction of a millisecond, and a scan with them 20 MB less. `every`: bytes between two of them.
 */
export function garbageCollector(every = EVERY): GarbageCollector {
  const collect = collector();
  let waiting = 0;
  return {
    received(bytes) {
      waiting += bytes;
      if (waiting < every) return;
      waiting = 0;
      collect({ type: 'minor' });
    },
    collectAll() {
      if (getHeapStatistics().total_heap_size > BIG_HEAP) collect({ type: 'major' });
    },
  };
}

/** Collects what is young once, after large buffers that nothing in a small heap makes the collector look for. */
export function collectYoung(): void {
  collector()({ type: 'minor' });
}

function collector(): (options: { type: 'minor' | 'major' }) => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}
