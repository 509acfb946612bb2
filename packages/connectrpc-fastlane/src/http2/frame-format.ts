/** Bytes of a frame before its payload (RFC 9113, 4.1). */
export const frameHeaderBytes = 9;

/** What a peer may send in a frame unless it is told otherwise, and what is sent to it. */
export const defaultMaxFrameBytes = 16_384;

/** The flow-control window that streams and connections begin with. */
export const defaultWindowBytes = 65_535;

/** The largest flow-control window. */
export const maxWindowBytes = 2 ** 31 - 1;

/** The greatest id of a stream. */
export const maxStreamId = 2 ** 31 - 1;

/** How the client begins a connection (RFC 9113, 3.4). */
export const preface = Buffer.from(
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "latin1",
);

/** Types of frames (RFC 9113, 6). */
export const frameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags of frames; `ack` is for SETTINGS and PING. */
export const frameFlag = {
  endStream: 0x1,
  ack: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

/** Settings (RFC 9113, 6.5.2). */
export const settingId = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

/** Error codes (RFC 9113, 7). */
export const errorCode = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  settingsTimeout: 4,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  connectError: 10,
  enhanceYourCalm: 11,
  inadequateSecurity: 12,
  http11Required: 13,
} as const;
