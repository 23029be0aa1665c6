/**
 * Four lanes of any dtype: one vector of 32-bit lanes, or two of float64. A bool is a mask of 32-bit lanes. What touches
 * memory is here; partial groups touch only the elements that they have.
 */
import type { DType } from '../../../core/dtype.js'
import type { Body, Ex, Local } from '../code.js'
import { op, simd } from '../code.js'
import { f32x4, i32, i32x4, v128 } from '../instructions.js'
import type { Node, V } from '../math/node.js'
import { bits, constant as pooled, D, F, int, ref } from '../math/node.js'

/** Lanes of a group. */
export const width = 4

/** The vectors of one group: one, or two of float64. */
export type Parts = readonly Node[]

/** Bytes of an element in memory. */
export const bytesOf: Readonly<Record<DType, number>> = { bool: 1, int32: 4, uint32: 4, float32: 4, float64: 8 }

/** A constant in all lanes. */
export const constant = (value: number, dtype: DType): Parts => {
  if (dtype === 'float64') return [D.c(value), D.c(value)]
  if (dtype === 'float32') return [F.c(value)]
  return [int(dtype === 'bool' ? (value === 0 ? 0 : -1) : value | 0)]
}

/** A mask of the first `n` lanes. */
export const firstLanes = (n: number): Node => ({
  args: [],
  key: `lanes:${n}`,
  make: () => v128.const(Uint8Array.from({ length: 16 }, (_, k) => (k < 4 * n ? 255 : 0))),
})

/** Address and immediate offset of a place `offset` bytes from `p`. */
const place = (p: Ex<'i32'>, offset: number): readonly [Ex<'i32'>, number] =>
  offset >= 0 ? [p, offset] : [i32.add(p, i32.const(offset)), 0]

type LoadLane = (p: Ex<'i32'>, offset: number, x: V, lane: number) => V
const loadLane =
  (code: number, align: number): LoadLane =>
  (p, offset, x, lane) => {
    const [at, imm] = place(p, offset)
    return op('v128', simd + code, [at, x], (out) => {
      out.u(align)
      out.u(imm)
      out.byte(lane)
    })
  }
const load32lane = loadLane(0x56, 2)
const load64lane = loadLane(0x57, 3)

type Load = (p: Ex<'i32'>, offset?: number) => V
const loaded = (f: Load, p: Ex<'i32'>, offset: number): V => f(...place(p, offset))

const extendBytes = (x: V): V => op('v128', simd + 0xa9, [op('v128', simd + 0x89, [x])])
// What appears twice must be a local: an expression is written as often as it is mentioned.
const reverse32 = (x: Local<'v128'>): V => v128.shuffle(x, x, [12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3])
const reverse64 = (x: Local<'v128'>): V => v128.shuffle(x, x, [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7])

const loadBool = (p: Ex<'i32'>, offset: number, stride: number, lanes: number): V => {
  const byte = (k: number): Ex<'i32'> => i32.load8u(...place(p, offset + k * stride))
  if (stride === 0) return i32x4.neg(i32x4.splat(byte(0)))
  if (stride === 1 && lanes === 4) return i32x4.neg(extendBytes(loaded(v128.load32zero, p, offset)))
  let x = i32x4.splat(byte(0))
  for (let k = 1; k < lanes; k++) x = i32x4.replace(x, k, byte(k))
  return i32x4.neg(x)
}

const load32 = (b: Body, p: Ex<'i32'>, offset: number, stride: number, lanes: number): V => {
  if (stride === 0) return loaded(v128.load32splat, p, offset)
  if (stride === 1 && lanes === 4) return loaded(v128.load, p, offset)
  if (stride === -1 && lanes === 4) return reverse32(b.let(loaded(v128.load, p, offset - 12)))
  const pair = stride === 1 && lanes > 1
  let x = pair ? loaded(v128.load64zero, p, offset) : loaded(v128.load32zero, p, offset)
  for (let k = pair ? 2 : 1; k < lanes; k++) x = load32lane(p, offset + 4 * k * stride, x, k)
  return x
}

const load64 = (b: Body, p: Ex<'i32'>, offset: number, stride: number, lanes: number): V => {
  if (stride === 0) return loaded(v128.load64splat, p, offset)
  if (stride === 1 && lanes === 2) return loaded(v128.load, p, offset)
  if (stride === -1 && lanes === 2) return reverse64(b.let(loaded(v128.load, p, offset - 8)))
  const x = loaded(v128.load64zero, p, offset)
  return lanes === 2 ? load64lane(p, offset + 8 * stride, x, 1) : x
}

/** Loads `lanes` elements, `stride` apart, from `offset` bytes after `p`; the other lanes hold anything. */
export const loadGroup = (b: Body, dtype: DType, p: Ex<'i32'>, offset: number, stride: number, lanes: number): Parts => {
  const held = (x: V): Node => ref(b.let(x))
  if (dtype === 'bool') return [held(loadBool(p, offset, stride, lanes))]
  if (dtype !== 'float64') return [held(load32(b, p, offset, stride, lanes))]
  const low = held(load64(b, p, offset, stride, Math.min(lanes, 2)))
  return stride === 0 || lanes <= 2 ? [low, low] : [low, held(load64(b, p, offset + 16 * stride, stride, lanes - 2))]
}

const store32 = (b: Body, p: Ex<'i32'>, offset: number, stride: number, lanes: number, x: Local<'v128'>): void => {
  if (stride === 1 && lanes === 4) {
    const [at, imm] = place(p, offset)
    return b.run(v128.store(at, x, imm))
  }
  if (stride === -1 && lanes === 4) {
    const [at, imm] = place(p, offset - 12)
    return b.run(v128.store(at, reverse32(x), imm))
  }
  let k = 0
  if (stride === 1 && lanes > 1) {
    const [at, imm] = place(p, offset)
    b.run(v128.store64lane(at, x, 0, imm))
    k = 2
  }
  for (; k < lanes; k++) {
    const [at, imm] = place(p, offset + 4 * k * stride)
    b.run(v128.store32lane(at, x, k, imm))
  }
}

const store64 = (b: Body, p: Ex<'i32'>, offset: number, stride: number, lanes: number, x: Local<'v128'>): void => {
  if (stride === 1 && lanes === 2) {
    const [at, imm] = place(p, offset)
    return b.run(v128.store(at, x, imm))
  }
  for (let k = 0; k < lanes; k++) {
    const [at, imm] = place(p, offset + 8 * k * stride)
    b.run(v128.store64lane(at, x, k, imm))
  }
}

const storeBool = (b: Body, p: Ex<'i32'>, offset: number, stride: number, lanes: number, x: Local<'v128'>): void => {
  if (stride === 1 && lanes === 4) {
    const ones = pooled(b, 'bytes:1', () => v128.const(new Uint8Array(16).fill(1)))
    const packed = v128.and(v128.shuffle(x, x, [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12]), ones)
    const [at, imm] = place(p, offset)
    return b.run(v128.store32lane(at, packed, 0, imm))
  }
  for (let k = 0; k < lanes; k++) {
    const [at, imm] = place(p, offset + k * stride)
    b.run(i32.store8(at, i32.and(i32x4.lane(x, k), i32.const(1)), imm))
  }
}

/** Stores `lanes` elements, `stride` apart, from `offset` bytes after `p`. */
export const storeGroup = (
  b: Body,
  dtype: DType,
  p: Ex<'i32'>,
  offset: number,
  stride: number,
  lanes: number,
  parts: readonly Local<'v128'>[],
): void => {
  if (dtype === 'bool') return storeBool(b, p, offset, stride, lanes, parts[0]!)
  if (dtype !== 'float64') return store32(b, p, offset, stride, lanes, parts[0]!)
  store64(b, p, offset, stride, Math.min(lanes, 2), parts[0]!)
  if (lanes > 2) store64(b, p, offset + 16 * stride, stride, lanes - 2, parts[1]!)
}

/** `start + [0, 1, 2, 3] * step`, from an int32. */
export const ramp = (start: Ex<'i32'>, step: number): V =>
  step === 0
    ? i32x4.splat(start)
    : i32x4.add(i32x4.splat(start), v128.const(new Uint8Array(Int32Array.of(0, step, 2 * step, 3 * step).buffer)))

/** Combines the two 64-bit lanes, in both lanes. */
export const foldPair = (b: Body, x: V, combine: (p: V, q: V) => V): V => {
  const held = b.let(x)
  return combine(held, reverse64(held))
}

/** Combines the four 32-bit lanes, in all lanes. */
export const foldQuad = (b: Body, x: V, combine: (p: V, q: V) => V): V => {
  const pair = b.let(foldPair(b, x, combine))
  return combine(pair, v128.shuffle(pair, pair, [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11]))
}

/** The float64 in the first lane of `x`, as float32 in all lanes. */
export const narrowSplat = (b: Body, x: V): V => {
  const y = b.let(f32x4.demoteF64zero(x))
  return v128.shuffle(y, y, [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3])
}

const shuffled = (x: Node, y: Node, words: readonly [number, number, number, number]): Node =>
  bits.shuffle(
    x,
    y,
    words.flatMap((w) => [4 * w, 4 * w + 1, 4 * w + 2, 4 * w + 3]),
  )

/** The transpose of up to four rows of a group each: `count` groups whose lane `l` comes from row `l`. */
export const turned = (rows: readonly Parts[], count: number): readonly Parts[] => {
  const [r0, r1, r2, r3] = [0, 1, 2, 3].map((l) => rows[l] ?? rows[0]!) as [Parts, Parts, Parts, Parts]
  const groups = r0.length === 2 ? turnedWide(r0, r1, r2, r3) : turnedWords(r0[0]!, r1[0]!, r2[0]!, r3[0]!)
  return groups.slice(0, count)
}
const turnedWide = (...r: readonly [Parts, Parts, Parts, Parts]): readonly Parts[] =>
  [0, 1].flatMap((part) =>
    (
      [
        [0, 1, 4, 5],
        [2, 3, 6, 7],
      ] as const
    ).map((words) => [shuffled(r[0][part]!, r[1][part]!, words), shuffled(r[2][part]!, r[3][part]!, words)]),
  )
const turnedWords = (...r: readonly [Node, Node, Node, Node]): readonly Parts[] => {
  const low = [shuffled(r[0], r[1], [0, 4, 1, 5]), shuffled(r[2], r[3], [0, 4, 1, 5])] as const
  const top = [shuffled(r[0], r[1], [2, 6, 3, 7]), shuffled(r[2], r[3], [2, 6, 3, 7])] as const
  return [low, top].flatMap(([x, y]) => [[shuffled(x, y, [0, 1, 4, 5])], [shuffled(x, y, [2, 3, 6, 7])]])
}
