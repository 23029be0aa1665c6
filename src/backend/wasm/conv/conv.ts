/**
 * `conv` as products of its weights with the patches of its images, gathered strip by strip. Where the input is dilated - the gradient of
 * a strided convolution - every class of outputs is a product of its own, with the taps that do not meet the zeros between elements.
 */
import { isReal } from '../../../core/dtype.js'
import { range, sizeOf } from '../../../core/shape.js'
import type { Equation } from '../../../ir/program.js'
import { inLines } from '../places.js'
import { draftOf, placeBlock } from '../block.js'
import type { HeapTask } from '../kernel.js'
import type { Machine } from '../machine.js'
import type { Lanes } from '../gemm/lanes.js'
import { tileFor, type Tile } from '../gemm/tile.js'
import { dotJob } from './dotJob.js'
import { fewJob } from './fewJob.js'
import { fields } from './fields.js'
import { finiteFields } from './finite.js'
import type { SpatialAxis, Class, Image } from './geometry.js'
import { classesOf, imageOf, undilated } from './geometry.js'
import { imageFields } from './images.js'
import type { Routine } from '../routines/routine.js'
import type { ConvKernels } from './module.js'
import { convKernels } from './module.js'
import { productOf, type ConvJob, type ConvSizes } from './product.js'
import { stripJob } from './stripJob.js'
import type { Offsets } from './offsets.js'

const noWords = new Int32Array(0)

/** What one convolution does, in the order of its sweeps. */
interface Plan {
  /** The block of `image`, when the input needs a margin; bytes of one image and of all. */
  readonly image: { readonly words: Int32Array; readonly bytes: number; readonly count: number } | null
  readonly jobs: readonly ConvJob[]
  /** Some outputs meet nothing. */
  readonly hasZeros: boolean
}

/** Equal up to a common distance. */
const parallel = (x: Offsets, y: Offsets): boolean => x.length === y.length && x.every((n, k) => n - x[0]! === y[k]! - y[0]!)
const same = (x: Offsets, y: Offsets): boolean => x[0] === y[0] && parallel(x, y)

/** Classes that meet the image alike, so that one product gives them all. */
const alike = (classes: readonly Class[]): readonly (readonly Class[])[] => {
  const groups: Class[][] = []
  for (const c of classes) {
    const group = groups.find(
      ([d]) => same(d!.shifts, c.shifts) && same(d!.sources, c.sources) && parallel(d!.taps, c.taps) && parallel(d!.places, c.places),
    )
    if (group === undefined) groups.push([c])
    else group.push(c)
  }
  return groups
}

const imageWords = (axes: readonly SpatialAxis[], image: Image, gaps: readonly number[], l: Lanes): Int32Array => {
  const last = axes.length - 1
  let places: readonly number[] = [0]
  axes.forEach((a, k) => {
    const elements = k === last ? [0] : range(a.size)
    places = places.flatMap((at) => elements.map((i) => at * image.sizes[k]! + image.lows[k]! + i * gaps[k]!))
  })
  const { set, table, done } = draftOf(imageFields)
  set({
    fromBytes: sizeOf(axes.map((a) => a.size)) * l.bytes,
    toBytes: sizeOf(image.sizes) * l.bytes,
    rows: places.length,
    length: axes[last]!.size,
    step: gaps[last]!,
    places: table(places, l.bytes),
  })
  return done()
}

/** The plan for `axes`; `spread` writes out the zeros between the elements of the input instead of leaving them out. */
const planOf = (axes: readonly SpatialAxis[], sizes: Omit<ConvSizes, 'pixels'>, l: Lanes, tile: Tile, spread: boolean): Plan => {
  const used = spread ? axes.map(undilated) : axes
  const image = imageOf(used)
  const pixels = sizeOf(image.sizes)
  const met = classesOf(used, image)
  const classes = met.filter((c) => c.taps.length > 0)
  const gaps = axes.map((a) => (spread ? a.dilation : 1))
  const needed = image.sizes.some((n, k) => n !== axes[k]!.size)
  const count = sizes.images * sizes.groups * sizes.channels
  return {
    image: needed ? { words: imageWords(axes, image, gaps, l), bytes: pixels * l.bytes, count } : null,
    jobs: alike(classes).map((group) => {
      const p = productOf(group, { ...sizes, pixels })
      return dotJob(p, l, tile) ?? fewJob(p, l) ?? stripJob(p, l, tile)
    }),
    hasZeros: classes.length < met.length,
  }
}

/** Bytes of scratch: the image, then a block of arguments and packed weights. */
const scratchOf = ({ image, jobs }: Plan): number => {
  const blocks = jobs.map((job) => inLines(job.words.byteLength) + inLines(job.packedBytes))
  if (image === null) return Math.max(0, ...blocks)
  return inLines(image.bytes * image.count) + Math.max(inLines(image.words.byteLength), ...blocks)
}

/** Where the operands of a run lie, and scratch for it. */
interface Places {
  readonly x: number
  readonly w: number
  readonly y: number
  readonly at: number
}

/** Runs a plan: the image, then the passes of every product. */
const runPlan = ({ heap, sweep }: Machine, kernels: ConvKernels, plan: Plan, { x, w, y, at }: Places, outBytes: number): void => {
  const { image, jobs, hasZeros } = plan
  const args = image === null ? at : at + inLines(image.bytes * image.count)
  if (hasZeros) heap.view('bool', y, outBytes).fill(0)
  let source = x
  if (image !== null) {
    source = at
    placeBlock(heap.words(), args, imageFields, image.words, { from: x, to: source })
    const grain = Math.max(1, Math.ceil(65536 / Math.max(image.bytes, 1)))
    sweep(kernels.named('images', 'image'), args, image.count, grain, image.bytes / 8)
  }
  for (const job of jobs) {
    const packed = args + inLines(job.words.byteLength)
    placeBlock(heap.words(), args, fields, job.words, { source, weights: w, packed, result: y })
    for (const { family, kernel, total, grain, cost } of job.passes) sweep(kernels.named(family, kernel), args, total, grain, cost)
  }
}

const task = (e: Equation, machine: Machine): HeapTask => {
  const [x, w] = [e.inputs[0]!.aval, e.inputs[1]!.aval]
  const out = e.outputs[0]!.aval
  const dtype = out.dtype === 'float64' ? 'float64' : 'float32'
  const p = e.params as Readonly<Record<string, readonly number[]>>
  const padding = e.params['padding'] as readonly (readonly [number, number])[]
  const groups = e.params['groups'] as number
  const axes = range(x.shape.length - 2).map((k): SpatialAxis => ({
    size: x.shape[k + 2]!,
    out: out.shape[k + 2]!,
    taps: w.shape[k + 2]!,
    stride: p['strides']![k]!,
    low: padding[k]![0],
    dilation: p['lhsDilation']![k]!,
    spread: p['rhsDilation']![k]!,
  }))
  // A product without spatial axes has one of one element.
  if (axes.length === 0) axes.push({ size: 1, out: 1, taps: 1, stride: 1, low: 0, dilation: 1, spread: 1 })
  const sizes = {
    images: x.shape[0]!,
    groups,
    channels: x.shape[1]! / groups,
    filters: w.shape[0]! / groups,
    window: sizeOf(w.shape.slice(2)),
    area: sizeOf(out.shape.slice(2)),
  }
  const kernels = convKernels(machine, dtype)
  const l = kernels.lanes
  const tile = tileFor(machine.caps)
  const plan = planOf(axes, sizes, l, tile, false)
  const leavesOut = axes.some((a) => a.dilation > 1)
  let whole: Plan | null = null
  const outBytes = out.size * l.bytes
  const { heap, sweep } = machine
  const isFinite = (address: number, args: number): boolean => {
    placeBlock(heap.words(), args, finiteFields, noWords, { from: address, found: 0 })
    sweep(kernels.named('images', 'finite'), args, w.size, 65536, 0.1)
    return heap.words()[(args >>> 2) + finiteFields.position.found] === 0
  }
  const scratch = Math.max(scratchOf(plan), leavesOut ? 64 : 0)
  return {
    scratch,
    beyond: 0,
    run: ([from, weights], [to], at) => {
      const places = { x: from!, w: weights!, y: to!, at }
      if (!leavesOut || isFinite(weights!, at)) return runPlan(machine, kernels, plan, places, outBytes)
      whole ??= planOf(axes, sizes, l, tile, true)
      // Not planned for: weights are finite but for accidents.
      const bytes = scratchOf(whole)
      const room = heap.alloc(bytes)
      runPlan(machine, kernels, whole, { ...places, at: room }, outBytes)
      heap.free(room, bytes)
    },
  }
}

/** Convolutions where there are floats to multiply. */
export const convRoutine: Routine = {
  takes: ({ inputs, outputs: [out] }) => isReal(out!.aval.dtype) && [...inputs, out!].every((a) => a.aval.size > 0),
  task,
}
