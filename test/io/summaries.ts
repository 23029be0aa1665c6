/** Events to draw from. */
import fc from 'fast-check'
import type { io } from '../../src/index.js'

const tag = fc.string({ minLength: 1, unit: 'grapheme' })
const histogram = fc
  .tuple(fc.array(fc.double(), { minLength: 5, maxLength: 5 }), fc.array(fc.tuple(fc.double(), fc.double())))
  .map(([[min, max, size, sum, sumOfSquares], bins]): io.Histogram => ({
    min: min!,
    max: max!,
    size: size!,
    sum: sum!,
    sumOfSquares: sumOfSquares!,
    limits: bins.map((b) => b[0]),
    counts: bins.map((b) => b[1]),
  }))
const pixels = fc.nat(5000)

/** A summary of any kind. */
const anySummary: fc.Arbitrary<io.EventSummary> = fc.oneof(
  fc.record({ kind: fc.constant('scalar' as const), tag, value: fc.float() }),
  fc.record({
    kind: fc.constant('image' as const),
    tag,
    height: pixels,
    width: pixels,
    channels: fc.nat(4),
    png: fc.uint8Array(),
  }),
  fc.record({ kind: fc.constant('histogram' as const), tag, histogram }),
  fc.record({ kind: fc.constant('text' as const), tag, text: fc.string({ unit: 'grapheme' }) }),
)

/** Events of a run. */
export const anyEvents: fc.Arbitrary<readonly io.Event[]> = fc.array(
  fc.record({ wallTime: fc.double(), step: fc.maxSafeInteger(), summaries: fc.array(anySummary, { maxLength: 4 }) }),
  { maxLength: 4 },
)
