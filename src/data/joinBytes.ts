/** Pieces of bytes as one. */

/** The bytes of all pieces, one after the other, in an array of their own. */
export const joinBytes = (pieces: readonly Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(pieces.reduce((n, piece) => n + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    out.set(piece, at)
    at += piece.length
  }
  return out
}
