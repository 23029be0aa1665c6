/** `adjoint/data`: data sets, and batches of them. */
export type { BatchOptions, Batches } from './data/batches.js'
export { batches } from './data/batches.js'
export { flipHorizontal, flipVertical, perExample, randomly } from './data/augment.js'
export type { BytePairs, Merge } from './data/bytePairs.js'
export { bytePairs, trainBytePairs } from './data/bytePairs.js'
export type { Capabilities } from './data/capabilities.js'
export { memoryFiles, nodeFiles } from './data/capabilities.js'
export type { Tokenizer, Vocabulary } from './data/characters.js'
export { characters } from './data/characters.js'
export type { ColumnType, CsvFormat, CsvOptions, CsvRow, Table } from './data/csv.js'
export { csv, csvRows, formatCsv } from './data/csv.js'
export type { JitterOptions } from './data/colour.js'
export {
  adjustBrightness,
  adjustContrast,
  adjustSaturation,
  colourJitter,
  swapRedBlue,
  toChannelsFirst,
  toChannelsLast,
  toGray,
} from './data/colour.js'
export type { Box } from './data/crop.js'
export { centerCrop, crop, padImages, randomCrop } from './data/crop.js'
export type { Dataset } from './data/dataset.js'
export { all, fromColumns, isDataset, map, subset } from './data/dataset.js'
export type { DataFault, FaultTag } from './data/fault.js'
export { fault } from './data/fault.js'
export { lazy } from './data/lazy.js'
export type { MnistOptions, Split } from './data/mnist.js'
export { mnist } from './data/mnist.js'
export type { RandomState } from './data/mt19937.js'
export { randomState } from './data/mt19937.js'
export { concat, split } from './data/parts.js'
export type { ResizeOptions, Size } from './data/resize.js'
export { resize } from './data/resize.js'
export { sequenceBatches, windows } from './data/sequences.js'
export type { SinCurveOptions } from './data/sinCurve.js'
export { sinCurve } from './data/sinCurve.js'
export type { Labelled } from './data/spiral.js'
export { spiral } from './data/spiral.js'
export type { Source, Stream } from './data/stream.js'
export { batchStream, collect, mapStream, prefetch, shuffleStream, stream } from './data/stream.js'
export type { NormaliseOptions } from './data/transforms.js'
export { flattenRows, normalise } from './data/transforms.js'
