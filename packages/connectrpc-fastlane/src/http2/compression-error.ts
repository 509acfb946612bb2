/**
 * A CompressionError is raised if a header block cannot be decoded. Nothing
 * that follows on the connection can be decoded then, so that it is a
 * connection error of type COMPRESSION_ERROR.
 */
export class CompressionError extends Error {
  override name = "CompressionError";
}
