/** TensorBoard's event files as data: what was seen of a run, at which step and when. */
import { optionsOf } from '../core/options.js'
import { bytes as bytesMeaning, check, listOf, number, positiveWhole, record, tensor, text as textMeaning } from '../core/check.js'
import { textDecoder } from '../core/text.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { fail, ValueError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { peek } from '../core/tensor.js'
import type { DataFault } from '../data/fault.js'
import { fault } from '../data/fault.js'
import { countBins } from './bins.js'
import { encodePng } from './png.js'
import * as P from './protobuf.js'
import { decodeRecords, encodeRecords } from './records.js'

/** Something seen of a run, under a name: `train/loss`. */
export type EventSummary =
  | { readonly kind: 'scalar'; readonly tag: string; readonly value: number }
  | {
      readonly kind: 'image'
      readonly tag: string
      readonly height: number
      readonly width: number
      readonly channels: number
      readonly png: Uint8Array
    }
  | { readonly kind: 'histogram'; readonly tag: string; readonly histogram: Histogram }
  | { readonly kind: 'text'; readonly tag: string; readonly text: string }

/** A distribution: its moments, and how many numbers lie below each limit and above the one before. */
export interface Histogram {
  readonly min: number
  readonly max: number
  readonly size: number
  readonly sum: number
  readonly sumOfSquares: number
  readonly limits: readonly number[]
  readonly counts: readonly number[]
}

/** What was seen at a step. */
export interface Event {
  /** Seconds since 1970. */
  readonly wallTime: number
  readonly step: number
  readonly summaries: readonly EventSummary[]
}

const checkTag = (name: string, tag: string): string =>
  check(name, 'tag', textMeaning, tag) === ''
    ? fail(ValueError, `${name}: the tag is empty`, { fix: `a name, with slashes between groups: 'train/loss'` })
    : tag

/**
 * A number, for `eventWriter`; kept in float32, as the format has it.
 *
 * @throws ValueError for an empty tag.
 * @example
 * scalarSummary('loss', 0.5).kind   // 'scalar'
 */
export const scalarSummary = (tag: string, value: number): EventSummary => ({
  kind: 'scalar',
  tag: checkTag('scalarSummary', tag),
  value: Math.fround(check('scalarSummary', 'value', number, value)),
})

/**
 * An image, for `eventWriter`: `[height, width]` or `[channels, height, width]`, as for `encodePng`.
 *
 * @throws ShapeError for other shapes; ValueError for an empty tag.
 * @example
 * imageSummary('digit', np.zeros([28, 28])).kind   // 'image'
 */
export const imageSummary = (tag: string, image: Tensor): EventSummary => {
  const png = encodePng(check('imageSummary', 'image', tensor, image))
  const [channels, height, width] = [image.ndim === 2 ? 1 : image.shape[0]!, image.shape[image.ndim - 2]!, image.shape[image.ndim - 1]!]
  return { kind: 'image', tag: checkTag('imageSummary', tag), height, width, channels, png }
}

/** Options of `histogramSummary`. */
export interface HistogramSummaryOptions {
  /** Bins of equal width; 30. */
  readonly bins?: number
}

const histograms = optionsOf<HistogramSummaryOptions>({ bins: positiveWhole })

/**
 * The distribution of a tensor's elements, for `eventWriter`; those that are not finite are left out.
 *
 * @throws ValueError for an empty tag, and unless `bins` is a positive integer.
 * @example
 * histogramSummary('weights', np.array([1, 2, 3])).kind   // 'histogram'
 */
export const histogramSummary = (tag: string, values: Tensor, options: HistogramSummaryOptions = {}): EventSummary => {
  const { bins = 30 } = histograms('histogramSummary', options)
  check('histogramSummary', 'values', tensor, values)
  const all = Array.from(peek(values)).filter(Number.isFinite)
  const { edges, counts, size, min, max } = countBins(all, bins)
  const [sum, sumOfSquares] = [all.reduce((s, v) => s + v, 0), all.reduce((s, v) => s + v * v, 0)]
  return {
    kind: 'histogram',
    tag: checkTag('histogramSummary', tag),
    histogram: { min, max, size, sum, sumOfSquares, limits: edges.slice(1), counts },
  }
}

/**
 * Text, for `eventWriter`; TensorBoard shows it as Markdown.
 *
 * @throws ValueError for an empty tag.
 * @example
 * textSummary('sample', 'To be, or not to be').kind   // 'text'
 */
export const textSummary = (tag: string, text: string): EventSummary => ({
  kind: 'text',
  tag: checkTag('textSummary', tag),
  text: check('textSummary', 'text', textMeaning, text),
})

/** The numbers of these among TensorFlow's dtypes. */
const [floatType, stringType] = [1, 7]

const contents = (s: EventSummary): readonly P.Message[] => {
  switch (s.kind) {
    case 'scalar':
      return [P.float(2, s.value)]
    case 'image':
      return [P.message(4, P.join([P.integer(1, s.height), P.integer(2, s.width), P.integer(3, s.channels), P.message(4, s.png)]))]
    case 'histogram': {
      const { min, max, size, sum, sumOfSquares, limits, counts } = s.histogram
      const moments = [min, max, size, sum, sumOfSquares].map((v, k) => P.double(k + 1, v))
      return [P.message(5, P.join([...moments, P.message(6, P.doubles(limits)), P.message(7, P.doubles(counts))]))]
    }
    case 'text':
      return [
        P.message(8, P.join([P.integer(1, stringType), P.message(2, P.message(2, P.integer(1, 1))), P.text(8, s.text)])),
        P.message(9, P.message(1, P.text(1, 'text'))),
      ]
  }
}

/** The first record of a file. */
export const versionRecord = (wallTime: number): Uint8Array => P.toBytes(P.join([P.double(1, wallTime), P.text(3, 'brain.Event:2')]))

/** An event as a record. */
export const eventRecord = ({ wallTime, step, summaries }: Event): Uint8Array => {
  const values = summaries.map((s) => P.message(1, P.join([P.text(1, s.tag), ...contents(s)])))
  return P.toBytes(P.join([P.double(1, wallTime), P.integer(2, step), P.message(5, P.join(values))]))
}

/**
 * An event file, as TensorBoard reads it; `eventWriter` makes one while a run goes on.
 *
 * @throws ValueError unless every step is an integer.
 * @example
 * const bytes = encodeEvents([{ wallTime: 1700000000, step: 1, summaries: [scalarSummary('loss', 0.5)] }])
 * const read = decodeEvents(bytes)
 * E.isRight(read) && read.right[0].step   // 1
 */
export const encodeEvents = (events: readonly Event[]): Uint8Array => {
  check('encodeEvents', 'events', listOf(record), events)
  const odd = events.find(({ step }) => !Number.isSafeInteger(step))
  if (odd !== undefined) fail(ValueError, `encodeEvents: step must be an integer, got ${odd.step}`)
  return encodeRecords([versionRecord(events[0]?.wallTime ?? 0), ...events.map(eventRecord)])
}

const text = (bytes: Uint8Array): string => textDecoder().decode(bytes)

/** The name of the plugin that shows a summary. */
const pluginOf = (fields: readonly P.WireField[]): string => {
  const metadata = P.fieldsOf(P.bytesOf(fields, 9) ?? new Uint8Array()) ?? []
  const data = P.fieldsOf(P.bytesOf(metadata, 1) ?? new Uint8Array()) ?? []
  return text(P.bytesOf(data, 1) ?? new Uint8Array())
}

/** A summary; undefined for kinds that are not known here, null for what is damaged. */
const summaryOf = (bytes: Uint8Array): EventSummary | undefined | null => {
  const fields = P.fieldsOf(bytes)
  if (fields === null) return null
  const tag = text(P.bytesOf(fields, 1) ?? new Uint8Array())
  const value = P.floatOf(fields, 2)
  if (value !== undefined) return { kind: 'scalar', tag, value }
  const [image, histogram, tensor] = [4, 5, 8].map((number) => {
    const found = P.bytesOf(fields, number)
    return found === undefined ? undefined : P.fieldsOf(found)
  })
  if (image === null || histogram === null || tensor === null) return null
  if (image !== undefined) {
    const [height, width, channels] = [1, 2, 3].map((k) => P.integerOf(image, k)) as [number, number, number]
    return { kind: 'image', tag, height, width, channels, png: (P.bytesOf(image, 4) ?? new Uint8Array()).slice() }
  }
  if (histogram !== undefined) {
    const [min, max, size, sum, sumOfSquares] = [1, 2, 3, 4, 5].map((k) => P.doubleOf(histogram, k)) as [
      number,
      number,
      number,
      number,
      number,
    ]
    const [limits, counts] = [P.doublesOf(histogram, 6), P.doublesOf(histogram, 7)]
    if (limits === null || counts === null || limits.length !== counts.length) return null
    return { kind: 'histogram', tag, histogram: { min, max, size, sum, sumOfSquares, limits, counts } }
  }
  if (tensor === undefined) return undefined
  const type = P.integerOf(tensor, 1)
  if (type === stringType)
    return pluginOf(fields) === 'text' ? { kind: 'text', tag, text: text(P.bytesOf(tensor, 8) ?? new Uint8Array()) } : undefined
  // TensorFlow 2 keeps a scalar as a tensor without axes: in a list of floats, or as its bytes.
  if (type !== floatType || (P.bytesOf(tensor, 2)?.length ?? 0) > 0) return undefined
  const number = P.bytesOf(tensor, 5) ?? P.bytesOf(tensor, 4)
  const found = P.floatOf(tensor, 5) ?? (number?.length === 4 ? P.floatFrom(number) : undefined)
  return found === undefined ? undefined : { kind: 'scalar', tag, value: found }
}

/** An event; undefined for records that hold no summaries. */
const eventOf = (record: Uint8Array, index: number): E.Either<DataFault, Event | undefined> => {
  const corrupt = E.left(fault('Corrupt', `events: record ${index} is damaged`))
  const fields = P.fieldsOf(record)
  if (fields === null) return corrupt
  const packed = P.bytesOf(fields, 5)
  if (packed === undefined) return E.right(undefined)
  const step = P.integerOf(fields, 2)
  const values = P.fieldsOf(packed)
  if (values === null || !Number.isSafeInteger(step)) return corrupt
  const summaries = values.filter((f) => f.number === 1 && f.form === 'bytes').map((f) => summaryOf(f.value as Uint8Array))
  if (summaries.includes(null)) return corrupt
  return E.right({ wallTime: P.doubleOf(fields, 1), step, summaries: summaries.filter((s) => s !== undefined && s !== null) })
}

/**
 * The events of an event file, of this library or of PyTorch, TensorFlow, ...: scalars, images, histograms and texts; other
 * summaries, among them the images and histograms of TensorFlow 2, are left out. A file that is damaged or ends within an event is `Corrupt`.
 */
export const decodeEvents = (bytes: Uint8Array): E.Either<DataFault, readonly Event[]> =>
  pipe(
    decodeRecords(check('decodeEvents', 'bytes', bytesMeaning, bytes)),
    E.chain((records) => pipe(records.map(eventOf), E.sequenceArray)),
    E.map((events) => events.filter((e) => e !== undefined)),
  )
